import CSpawn
import CUV
import Glibc

/// How a process ended.
public struct ExitStatus: Sendable, Equatable {
    /// What the process returned; 0 when a signal ended it.
    public let code: Int
    /// The signal that ended the process, or 0.
    public let signal: Int

    public init(code: Int, signal: Int) {
        self.code = code
        self.signal = signal
    }
}

/// A running child process. It lives without being held until its end was reported.
///
/// Each child leads a session of its own: `kill` reaches what it started in turn, and a Control-C at the
/// emulator's terminal does not end functions behind the emulator's back.
@EventLoop public final class ChildProcess {
    public struct Options: Sendable {
        /// A path; `PATH` is searched when it has no slash.
        public var executable: String
        /// Without the program's own name.
        public var arguments: [String]
        /// The whole environment as `NAME=value`; nothing is inherited.
        public var environment: [String]
        public var workingDirectory: String?
        /// What the child reads; nil gives it an empty standard input.
        public var input: [UInt8]?
        /// With it, `executable` and `workingDirectory` are paths as the process sees them, `PATH` is not
        /// searched, and its standard input is empty. Linux only.
        public var confinement: Confinement?

        public init(
            executable: String, arguments: [String] = [], environment: [String] = [],
            workingDirectory: String? = nil, input: [UInt8]? = nil, confinement: Confinement? = nil
        ) {
            self.executable = executable
            self.arguments = arguments
            self.environment = environment
            self.workingDirectory = workingDirectory
            self.input = input
            self.confinement = confinement
        }
    }

    public let pid: Int32
    /// Its own file system, when it has one.
    public let files: ProcessFiles?
    private var openPipes: [ProcessPipe]
    private var status: ExitStatus?
    private var onExit: (@EventLoop (ExitStatus) -> Void)?
    private var grace: LoopTimer?

    /// How long output may come from grandchildren that outlive the child and hold its pipes.
    private static let graceMilliseconds = 100

    /// Starts the process. `onOutput` gets what it writes, as it comes; `onExit` is called once, when the
    /// process has been reaped and its output is read.
    public init(
        _ options: Options, onOutput: @escaping @EventLoop (_ isError: Bool, _ bytes: [UInt8]) -> Void,
        onExit: @escaping @EventLoop (ExitStatus) -> Void
    ) throws(NetError) {
        let output = ProcessPipe()
        let errors = ProcessPipe()
        openPipes = [output, errors]
        self.onExit = onExit
        if var confinement = options.confinement {
            do throws(NetError) {
                if confinement.files?.hasOwnProcesses == true, confinement.earlier == nil {
                    confinement.earlier = try ProcessFiles.make(confinement)
                }
                pid = try Self.spawnConfined(options, confinement, output, errors)
            } catch {
                for pipe in [output, errors] { pipe.close() }
                throw error
            }
            files = confinement.files == nil ? nil : confinement.earlier ?? ProcessFiles(of: pid)
            ChildReaper.watch(pid) { self.exited($0) }
        } else {
            files = nil
            let input = options.input.map { _ in ProcessPipe() }
            let handle = try Self.spawn(options, input, output, errors)
            pid = handle.pointee.pid
            handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
            if let input, let bytes = options.input { input.writeAndClose(bytes) }
        }
        for (pipe, isError) in [(output, false), (errors, true)] {
            pipe.onBytes = { onOutput(isError, Array($0)) }
            pipe.onClose = { self.closed(pipe) }
            pipe.startReading()
        }
    }

    /// Sends `signal` to the process and all that it started. Does nothing once it has ended.
    public func kill(_ signal: Int32) {
        guard status == nil else { return }
        do throws(SystemError) {
            try System.kill(-pid, signal)
        } catch {
            // The child may not lead its group yet; then it has no children either.
            try? System.kill(pid, signal)
        }
    }

    private static func spawn(
        _ options: Options, _ input: ProcessPipe?, _ output: ProcessPipe, _ errors: ProcessPipe
    ) throws(NetError) -> UnsafeMutablePointer<uv_process_t> {
        let handle = UnsafeMutablePointer<uv_process_t>.allocate(capacity: 1)
        let code = spawn(
            options, handle,
            [
                input?.container(readable: true) ?? uv_stdio_container_t(),
                output.container(readable: false), errors.container(readable: false),
            ])
        guard code == 0 else {
            for pipe in [input, output, errors] { pipe?.close() }
            // libuv wants even a handle that never ran to be closed.
            uv_close(Self.base(handle)) { base in
                guard let base else { return }
                UnsafeMutableRawPointer(base).assumingMemoryBound(to: uv_process_t.self).deallocate()
            }
            throw .spawnFailed(executable: options.executable, reason: NetError.reason(code))
        }
        return handle
    }

    private static func spawnConfined(
        _ options: Options, _ confinement: Confinement, _ output: ProcessPipe, _ errors: ProcessPipe
    ) throws(NetError) -> Int32 {
        var ends: [Int32] = []
        defer { for end in ends { System.close(end) } }
        do throws(SystemError) {
            ends.append(try System.open("/dev/null", O_RDONLY))
            for pipe in [output, errors] { ends.append(try pipe.open()) }
        } catch {
            throw .spawnFailed(executable: options.executable, reason: "\(error)")
        }
        ChildReaper.prepare()
        let result = confinement.start(
            options.executable, [options.executable] + options.arguments, options.environment,
            folder: options.workingDirectory ?? "/", descriptors: (ends[0], ends[1], ends[2]))
        if result.pid > 0 { return result.pid }
        guard String(cString: result.step) == "exec" else {
            throw .confinementRefused(reason: Confinement.reason(result))
        }
        throw .spawnFailed(executable: options.executable, reason: NetError.reason(-result.error))
    }

    private static func spawn(
        _ options: Options, _ handle: UnsafeMutablePointer<uv_process_t>, _ stdio: [uv_stdio_container_t]
    ) -> Int32 {
        var stdio = stdio
        let texts: [UnsafeMutablePointer<CChar>?] = [
            strdup(options.executable), strdup(options.workingDirectory ?? ""),
        ]
        var arguments = [texts[0]] + options.arguments.map { strdup($0) } + [nil]
        var environment = options.environment.map { strdup($0) } + [nil]
        defer { for text in texts + arguments.dropFirst() + environment { free(text) } }
        return stdio.withUnsafeMutableBufferPointer { stdio in
            arguments.withUnsafeMutableBufferPointer { arguments in
                environment.withUnsafeMutableBufferPointer { environment in
                    var settings = uv_process_options_t()
                    settings.exit_cb = unsafeBitCast(onExited, to: uv_exit_cb.self)
                    settings.file = UnsafePointer(texts[0])
                    settings.args = arguments.baseAddress
                    settings.env = environment.baseAddress
                    if options.workingDirectory != nil { settings.cwd = UnsafePointer(texts[1]) }
                    settings.flags = UInt32(UV_PROCESS_DETACHED.rawValue)
                    settings.stdio_count = Int32(stdio.count)
                    settings.stdio = stdio.baseAddress
                    return uv_spawn(EventLoop.loop, handle, &settings)
                }
            }
        }
    }

    private static func base(_ handle: UnsafeMutablePointer<uv_process_t>) -> UnsafeMutablePointer<
        uv_handle_t
    > {
        UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)
    }

    private static let onExited:
        @convention(c) @EventLoop (UnsafeMutablePointer<uv_process_t>?, Int64, Int32) -> Void = {
            handle, code, signal in
            guard let handle, let data = handle.pointee.data else { return }
            let process = Unmanaged<ChildProcess>.fromOpaque(data).takeRetainedValue()
            process.exited(ExitStatus(code: Int(code), signal: Int(signal)))
            uv_close(base(handle)) { base in
                guard let base else { return }
                UnsafeMutableRawPointer(base).assumingMemoryBound(to: uv_process_t.self).deallocate()
            }
            EventLoop.endCallback()
        }

    private func exited(_ status: ExitStatus) {
        self.status = status
        if openPipes.isEmpty { return report() }
        grace = LoopTimer(afterMilliseconds: Self.graceMilliseconds) {
            for pipe in self.openPipes { pipe.close() }
        }
    }

    private func closed(_ pipe: ProcessPipe) {
        openPipes.removeAll { $0 === pipe }
        if openPipes.isEmpty { report() }
    }

    private func report() {
        guard let status, let onExit else { return }
        self.onExit = nil
        grace?.cancel()
        grace = nil
        onExit(status)
    }
}

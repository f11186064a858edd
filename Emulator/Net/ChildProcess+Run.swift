import Glibc

extension ChildProcess {
    /// Runs a process to its end and returns all that it wrote. It is killed, and this throws, when it
    /// takes longer than `timeoutMilliseconds`, writes more than `maxOutputBytes` to both streams
    /// together, or when the Task is cancelled.
    public static func run(
        _ options: Options, timeoutMilliseconds: Int, maxOutputBytes: Int
    ) async throws(NetError) -> (status: ExitStatus, output: [UInt8], errors: [UInt8]) {
        let run = ProcessRun(
            options, timeoutMilliseconds: timeoutMilliseconds, maxOutputBytes: maxOutputBytes)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { run.start($0) }
        } onCancel: {
            Task { @EventLoop in run.cancel() }
        }
        let ended = try result.get()
        return (ended.status, ended.output, ended.errors)
    }
}

/// What `ChildProcess.run` gathers until the end.
@EventLoop private final class ProcessRun {
    struct Ended: Sendable {
        let status: ExitStatus
        let output: [UInt8]
        let errors: [UInt8]
    }
    typealias Waiting = CheckedContinuation<Result<Ended, NetError>, Never>

    private let options: ChildProcess.Options
    private let timeoutMilliseconds: Int
    private let maxOutputBytes: Int
    private var output: [UInt8] = []
    private var errors: [UInt8] = []
    private var failure: NetError?
    private var process: ChildProcess?
    private var timer: LoopTimer?
    private var waiting: Waiting?

    init(_ options: ChildProcess.Options, timeoutMilliseconds: Int, maxOutputBytes: Int) {
        self.options = options
        self.timeoutMilliseconds = timeoutMilliseconds
        self.maxOutputBytes = maxOutputBytes
    }

    func start(_ waiting: Waiting) {
        if Task.isCancelled {
            return waiting.resume(returning: .failure(.cancelled(executable: options.executable)))
        }
        do throws(NetError) {
            process = try ChildProcess(
                options, onOutput: { isError, bytes in self.add(bytes, isError: isError) },
                onExit: { status in self.ended(status) })
        } catch {
            return waiting.resume(returning: .failure(error))
        }
        self.waiting = waiting
        timer = LoopTimer(afterMilliseconds: timeoutMilliseconds) {
            self.abort(.timedOut(executable: self.options.executable, milliseconds: self.timeoutMilliseconds))
        }
    }

    func cancel() { abort(.cancelled(executable: options.executable)) }

    private func add(_ bytes: [UInt8], isError: Bool) {
        guard failure == nil else { return }
        guard output.count + errors.count + bytes.count <= maxOutputBytes else {
            return abort(.outputTooLarge(executable: options.executable, limit: maxOutputBytes))
        }
        if isError { errors += bytes } else { output += bytes }
    }

    private func abort(_ reason: NetError) {
        guard failure == nil, let process else { return }
        failure = reason
        process.kill(SIGKILL)
    }

    private func ended(_ status: ExitStatus) {
        timer?.cancel()
        timer = nil
        process = nil
        let ended = Ended(status: status, output: output, errors: errors)
        waiting?.resume(returning: failure.map { .failure($0) } ?? .success(ended))
        waiting = nil
    }
}

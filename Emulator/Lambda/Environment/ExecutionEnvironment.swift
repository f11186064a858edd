import Bytes
import Clock
import Glibc
import HTTPServer
import HTTPTypes
import Net

/// One execution environment: a folder, a Runtime API on its own port, and one process after another.
///
/// ``RuntimeAPIState`` decides what the process may say, ``EnvironmentPool`` which invocation comes here;
/// this class carries it out. The process is started by the event loop; see ``OrphanGuard`` for what
/// happens to it when the emulator is killed.
@EventLoop final class ExecutionEnvironment {
    enum Phase {
        /// No process.
        case down
        /// The process runs and has not polled yet; no invocation is bound to it.
        case initialising
        case idle
        /// An invocation is bound; its event has been handed over, or will be at the first poll.
        case invoking(Invocation)
        /// Answered; the process has not polled again, or its last output is being collected.
        case finishing(Invocation)
        /// Killed, not yet gone.
        case dying(afterInit: Bool)
        /// For good.
        case stopped
    }

    let id: EnvironmentPool.EnvironmentID
    unowned let host: FunctionHost
    /// Started ahead, for provisioned concurrency.
    let isProvisioned: Bool
    let directory: String
    /// `2026/01/02/[$LATEST]0123...`
    let logStream: String
    var server: HTTPServer?
    var process: ChildProcess?
    var phase = Phase.down
    var api = RuntimeAPIState()
    var memory = PeakMemory()
    /// What its processes see, as of the last start.
    var files: FunctionFiles?
    /// The file system of its processes, kept from one to the next with what is in `/tmp`.
    var ownFiles: ProcessFiles?
    /// Ended for taking more memory than the function has.
    var isOutOfMemory = false
    /// Since when the process is at work without a pause; nil between invocations.
    var atWorkSince: UInt64?
    /// Grows with each piece of work.
    var workCount: UInt64 = 0
    /// Not nil while its processes are stopped for want of work.
    var frozen: Frozen?
    /// Only where functions get processor time by their memory.
    var cpuShare: CPUShare?
    lazy var watchdog = Watchdog { [unowned self] in self.overdue() }

    private var heldPoll: HTTPReply?
    /// Whether there was a process before: what a cold start costs has been paid.
    var hasStarted = false
    /// When the process was started; monotonic nanoseconds.
    var initStartedAt: UInt64 = 0
    /// Told to the first invocation after an init.
    var unreportedInitMs: Double?
    /// The body of `/runtime/init/error`.
    var initErrorBody: [UInt8]?
    /// Its category; not nil once the process has reported that its init failed.
    var initErrorType: String?
    /// Whether the current invocation came to a process that had been initialised before.
    var isBoundWarm = false
    private var output = OutputLines()
    private var errorOutput = OutputLines()
    var onGone: (() -> Void)?
    /// Those of the present process, and those that are still ending after earlier ones.
    var extensions: ExtensionHost?
    var endedExtensions: [ExtensionHost] = []
    var onExtensionsGone: (() -> Void)?
    var shutdownTimer: LoopTimer?
    /// Finds out whether a message broke off because the process has ended.
    var truncation: Task<Void, Never>?
    /// Not nil when this environment serves several invocations at once.
    let several: SeveralInvocations?

    init(
        id: EnvironmentPool.EnvironmentID, host: FunctionHost, isProvisioned: Bool
    ) throws(EnvironmentFailure) {
        self.id = id
        self.host = host
        self.isProvisioned = isProvisioned
        several = host.definition.concurrencyPerEnvironment > 1 ? SeveralInvocations() : nil
        let now = host.clock.now.civil
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let unique = UUID4.make().filter { $0 != "-" }
        // In a group that functions share, a stream names its function.
        let owner = host.definition.logging.group == nil ? "" : host.definition.name
        logStream =
            "\(now.year)/\(two(now.month))/\(two(now.day))/\(owner)[\(host.definition.version)]\(unique)"
        directory = try ScratchFolder.make(
            below: host.configuration.temporaryDirectory, name: "\(host.definition.name)-\(unique.prefix(8))")
        do throws(NetError) {
            var options = Self.serverOptions(directory)
            options.truncatedResponse = { [weak self] in
                self?.truncated($0) ?? RuntimeAPIAnswer.containerError
            }
            options.direct = { [weak self] in self?.answer($0, $1) ?? false }
            server = try HTTPServer(host: "127.0.0.1", port: 0, options: options) {
                @EventLoop [weak self] request in
                guard let self else { return RuntimeAPIAnswer.containerError }
                return await self.respond(to: request)
            }
        } catch {
            ScratchFolder.remove(directory)
            throw EnvironmentFailure(reason: "no port for a Runtime API: \(error)")
        }
        if host.configuration.sharesCPU { cpuShare = CPUShare(memoryMB: host.definition.memoryMB) }
    }

    // MARK: - Polls

    /// Holds `GET next` until there is an event.
    func hold(_ poll: HTTPReply, endsInit: Bool) {
        heldPoll = poll
        poll.onCancel = { [weak self, unowned poll] in
            guard let self, heldPoll === poll else { return }
            api.pollDropped()
            releasePoll(RuntimeAPIAnswer.containerError)
        }
        polled(endsInit: endsInit)
    }

    func releasePoll(_ response: HTTPResponse) {
        let poll = heldPoll
        heldPoll = nil
        poll?.send(response)
    }

    private func polled(endsInit: Bool) {
        switch phase {
        case .initialising:
            let now = MonotonicClock.nanoseconds
            let milliseconds = Double(now &- initStartedAt) / 1e6
            unreportedInitMs = milliseconds
            host.coldStarts.note(milliseconds: milliseconds)
            host.service.settle { [weak self] in self?.initialised() }
        case .invoking:
            handOverIfPolling()
        case .finishing(let invocation):
            invocation.finishedAt = MonotonicClock.nanoseconds
            host.service.settle { [weak self] in self?.polledAgain(after: invocation) }
        case .idle:
            break
        case .down, .dying, .stopped:
            releasePoll(RuntimeAPIAnswer.containerError)
        }
    }

    private func initialised() {
        guard case .initialising = phase, extensionsRest({ [weak self] in self?.initialised() }) else {
            return
        }
        watchdog.rest()
        rested()
        noteInitEnd()
        phase = .idle
        if let unreportedInitMs { logInitEnd(unreportedInitMs, phase: "init", nil) }
        host.ready(self)
    }

    private func polledAgain(after invocation: Invocation) {
        guard case .finishing(let current) = phase, current === invocation,
            extensionsRest({ [weak self] in self?.polledAgain(after: invocation) })
        else { return }
        watchdog.rest()
        rested()
        close(invocation)
        phase = .idle
        host.ready(self)
    }

    // MARK: - Output

    func took(_ isError: Bool, _ bytes: [UInt8]) {
        log(isError ? errorOutput.add(bytes) : output.add(bytes))
    }

    func flushOutput() {
        log(output.flush())
        log(errorOutput.flush())
    }

    /// Whole lines of the function.
    private func log(_ lines: [UInt8]) {
        guard !lines.isEmpty else { return }
        let lines = ApplicationFilter.kept(lines, host.definition.logging)
        host.log.append(lines)
        for invocation in tailedInvocations { invocation.tail?.add(lines) }
        extensions?.telemetry.add(lines: lines, .function)
    }

    /// What the platform has to say.
    func write(_ event: PlatformEvent) {
        let lines = event.lines(host.definition.logging, at: host.clock.now)
        guard !lines.isEmpty else { return }
        host.log.append(lines)
        for invocation in tailedInvocations { invocation.tail?.add(lines.utf8) }
    }

    /// Lines that only the text format has.
    func write(text: String) {
        guard host.definition.logging.format == .text, !text.isEmpty else { return }
        host.log.append(text)
        for invocation in tailedInvocations { invocation.tail?.add(text.utf8) }
    }

    /// What only the emulator says: words for its user, which are not in what `LogType: Tail` returns.
    func note(_ line: String) { host.log.append("\(line)\n") }

    var current: Invocation? {
        switch phase {
        case .invoking(let invocation), .finishing(let invocation): invocation
        default: nil
        }
    }

    /// Those that may keep the end of their log.
    private var tailedInvocations: [Invocation] {
        if let several { return several.wantsTails ? several.logging : [] }
        return boundInvocations
    }

    var boundInvocations: [Invocation] { several?.logging ?? current.map { [$0] } ?? [] }

    // MARK: - Runtime API

    private static func serverOptions(_ directory: String) -> HTTPServerOptions {
        var options = HTTPServerOptions()
        // A response within the limit stays in memory; a larger one is counted on disk, then refused.
        options.memoryBodyBytes = RuntimeAPIAnswer.maximumResponseBytes
        options.maxBodyBytes = 1 << 30
        options.admission = { request in
            request.path.hasSuffix("/response")
                && request.headers[StreamedResponse.modeHeader] == StreamedResponse.mode
                ? .stream : .take(maxBytes: 1 << 30)
        }
        // Traces of errors come in a header field of up to 64 KB, errors within a stream in a trailer.
        options.maxHeaderBytes = 1 << 20
        options.spoolDirectory = directory
        // A handler may compute for 15 minutes between two calls on one connection.
        options.idleTimeoutMs = 24 * 3600 * 1000
        options.shutdownGraceMs = 100
        // A runtime that sends its next poll behind its response has nothing to do until the next event.
        options.joinsPipelinedAnswers = true
        return options
    }
}

/// Why an environment could not be created.
struct EnvironmentFailure: Error {
    let reason: String
}

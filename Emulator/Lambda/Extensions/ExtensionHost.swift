import Bytes
import Clock
import Glibc
import HTTPTypes
import JSON
import Net

/// Why an environment's processes are ended, in the words of the SHUTDOWN event.
enum ShutdownReason: String {
    case spindown, timeout, failure
}

/// The extensions that live beside one process of a function: their programs, their polls, and their end. A new
/// process of the function gets a new one.
@EventLoop final class ExtensionHost {
    /// The whole time that runtime and extensions get to end, and the runtime's part of it.
    static let shutdownMilliseconds = 2000
    static let runtimeShutdownMilliseconds = 600

    private(set) var registry = ExtensionRegistry()
    let telemetry: Telemetry
    private var processes: [String: ChildProcess] = [:]
    private var polls: [String: (number: Int, poll: CheckedContinuation<HTTPResponse, Never>)] = [:]
    private var pollNumber = 0
    /// Events for extensions whose poll broke off before they came.
    private var missed: [String: JSONValue] = [:]
    private var onRegistered: (() -> Void)?
    private var onAtRest: (() -> Void)?
    private var onGone: (() -> Void)?
    private var timer: LoopTimer?
    private(set) var isShuttingDown = false
    /// What went wrong first.
    private(set) var failure: PlatformError?
    /// A program has ended, or said that it will, while it was needed.
    var onFailure: ((PlatformError) -> Void)?
    /// Told the id of each process that has ended.
    var onProcessEnd: ((Int32) -> Void)?

    init(telemetry: Telemetry) { self.telemetry = telemetry }

    var isEmpty: Bool { registry.isEmpty }
    var pids: [Int32] { processes.values.map(\.pid) }

    // MARK: - The init

    /// Starts the programs, then calls `then`, once all have registered.
    func start(
        _ programs: [ExtensionProgram],
        _ launch: @EventLoop (ExtensionProgram, ExtensionHost, String) throws(NetError) -> ChildProcess,
        then: @escaping () -> Void
    ) {
        for program in programs.prefix(ExtensionRegistry.maximumCount) {
            let identifier = UUID4.make()
            registry.add(program: program.name, identifier: identifier)
            do throws(NetError) {
                processes[identifier] = try launch(program, self, identifier)
            } catch {
                registry.exited(identifier)
                return fail(
                    PlatformError(
                        type: "Extension.LaunchError",
                        message: "fork/exec \(program.path): \(Self.reason(error))"))
            }
        }
        onRegistered = then
        checkProgress()
    }

    /// As the kernel puts it.
    private static func reason(_ error: NetError) -> String {
        guard case .spawnFailed(_, let reason) = error else { return "\(error)" }
        // libuv has no words of its own for ENOEXEC.
        return reason.hasSuffix(" -\(ENOEXEC)") ? "exec format error" : reason
    }

    /// Nobody may register any more: the runtime has polled.
    func initEnded() {
        guard !registry.isClosed else { return }
        registry.close()
        telemetry.initEnded()
    }

    /// Calls `then` when all extensions wait for their next event, now or later.
    func whenAtRest(_ then: @escaping () -> Void) {
        if registry.isAtRest { return then() }
        onAtRest = then
    }

    private func checkProgress() {
        if registry.isRegistered, let onRegistered {
            self.onRegistered = nil
            onRegistered()
        }
        if registry.isAtRest, let onAtRest {
            self.onAtRest = nil
            onAtRest()
        }
    }

    /// The lines about extensions that the log gets at the end of an init.
    var logLines: String {
        registry.members.map { member in
            let events = member.events.map(\.rawValue).joined(separator: ",")
            return "EXTENSION\tName: \(member.name)\tState: \(member.state.rawValue)\tEvents: [\(events)]\n"
        }.joined()
    }

    // MARK: - Events

    func invoke(_ invocation: Invocation) {
        for member in registry.deliver(.invoke) {
            send(ExtensionEvent.invoke(invocation), to: member.identifier)
        }
    }

    private func send(_ event: JSONValue, to identifier: String) {
        guard let held = polls.removeValue(forKey: identifier) else {
            missed[identifier] = event
            return
        }
        held.poll.resume(returning: ExtensionEvent.answer(event))
    }

    // MARK: - Calls

    func register(
        name: String, events: [String]
    ) throws(ExtensionRefusal) -> String {
        let identifier = try registry.register(name: name, events: events, newIdentifier: UUID4.make())
        checkProgress()
        return identifier
    }

    /// Holds GET /extension/event/next until there is an event.
    func next(_ identifier: String) async throws(ExtensionRefusal) -> HTTPResponse {
        try registry.next(identifier, isPolling: polls[identifier] != nil)
        if let event = missed.removeValue(forKey: identifier) {
            registry.run(identifier)
            return ExtensionEvent.answer(event)
        }
        pollNumber += 1
        let number = pollNumber
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                polls[identifier] = (number, continuation)
                polled(identifier)
            }
        } onCancel: {
            Task { @EventLoop in self.dropPoll(identifier, number) }
        }
    }

    private func polled(_ identifier: String) {
        if isShuttingDown { return sendShutdown() }
        checkProgress()
    }

    private func dropPoll(_ identifier: String, _ number: Int) {
        guard let held = polls[identifier], held.number == number else { return }
        polls[identifier] = nil
        held.poll.resume(returning: RuntimeAPIAnswer.containerError)
    }

    func reportedInitError(_ identifier: String) throws(ExtensionRefusal) {
        try registry.initError(identifier)
        note(PlatformError(type: "Extension.InitError", message: "exit code 0"))
    }

    func reportedExitError(_ identifier: String) throws(ExtensionRefusal) {
        try registry.exitError(identifier)
        note(PlatformError(type: "Extension.ExitError", message: "exit code 0"))
    }

    /// The first error counts; the program is expected to end now.
    private func note(_ error: PlatformError) {
        if failure == nil { failure = error }
    }

    // MARK: - Ends

    func exited(_ identifier: String, _ status: ExitStatus) {
        if let process = processes.removeValue(forKey: identifier) {
            // What it has started goes with it.
            _ = Glibc.kill(-process.pid, SIGKILL)
            onProcessEnd?(process.pid)
        }
        registry.exited(identifier)
        if let held = polls.removeValue(forKey: identifier) {
            held.poll.resume(returning: RuntimeAPIAnswer.containerError)
        }
        guard !isShuttingDown else {
            if processes.isEmpty { gone() }
            return
        }
        let code = status.signal != 0 ? 128 + status.signal : status.code
        fail(PlatformError(type: failure?.type ?? "Extension.Crash", message: "exit code \(code)"))
    }

    private func fail(_ error: PlatformError) {
        failure = error
        let onFailure = onFailure
        self.onFailure = nil
        onFailure?(error)
    }

    // MARK: - Shutdown

    private var reason = ShutdownReason.spindown
    private var deadline = Timestamp(milliseconds: 0)
    private var mayTell = false

    /// The environment's processes are to end. The runtime comes first: ``runtimeEnded()`` goes on.
    func beginShutdown(_ reason: ShutdownReason, now: Timestamp) {
        guard !isShuttingDown else { return }
        isShuttingDown = true
        onFailure = nil
        onRegistered = nil
        onAtRest = nil
        self.reason = reason
        deadline = now + Int64(Self.shutdownMilliseconds)
        telemetry.flush()
        timer = LoopTimer(afterMilliseconds: Self.shutdownMilliseconds) { [weak self] in self?.killAll() }
    }

    /// The runtime is no more: the extensions are told, and have the rest of the time.
    func runtimeEnded() {
        guard isShuttingDown, !mayTell else { return }
        mayTell = true
        telemetry.flush()
        for (identifier, process) in processes where !wantsShutdown(identifier) { process.kill(SIGKILL) }
        if processes.isEmpty { return gone() }
        sendShutdown()
    }

    private func wantsShutdown(_ identifier: String) -> Bool {
        registry.member(identifier)?.events.contains(.shutdown) ?? false
    }

    private func sendShutdown() {
        guard mayTell else { return }
        for member in registry.deliver(.shutdown) {
            send(ExtensionEvent.shutdown(reason, deadline), to: member.identifier)
        }
    }

    private func killAll() {
        for process in processes.values { process.kill(SIGKILL) }
        if processes.isEmpty { gone() }
    }

    /// Calls `then` when no program is left.
    func whenGone(_ then: @escaping () -> Void) {
        if processes.isEmpty { return then() }
        onGone = then
    }

    private func gone() {
        timer?.cancel()
        timer = nil
        for held in polls.values { held.poll.resume(returning: RuntimeAPIAnswer.containerError) }
        polls = [:]
        telemetry.close()
        let onGone = onGone
        self.onGone = nil
        onGone?()
    }
}

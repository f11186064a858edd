import AWSProtocol
import Bytes
import Clock
import Glibc
import Net

/// AWS Lambda for custom runtimes: runs functions as processes by the Runtime API and serves the Invoke API.
@EventLoop public final class LambdaService {
    /// Bytes of an event for a synchronous invocation (AWS: Lambda quotas).
    public nonisolated static let maximumPayloadBytes = 6 * 1_048_576
    /// Processes get this long after SIGTERM.
    private static let kindnessMilliseconds = 300

    let configuration: LambdaConfiguration
    let clock: any WallClock
    let orphanGuard = OrphanGuard()
    let memoryPatrol = MemoryPatrol()
    let freezer = Freezer()
    /// Asks the kernel at its first use.
    public private(set) lazy var isolation = Isolation(
        configuration.isolation, sharedFolders: configuration.sharedFolders,
        temporaryDirectory: configuration.temporaryDirectory)
    private(set) var state: LambdaState
    /// By name for `$LATEST`, by `name:3` for a published version. Functions made by requests get theirs when
    /// they are invoked first.
    var hosts: [String: FunctionHost] = [:]
    /// Hosts whose code has been replaced, as long as they have anything to do.
    var retired: [ObjectIdentifier: FunctionHost] = [:]
    /// What all versions of a function share, by its name.
    var groups: [String: FunctionGroup] = [:]
    /// Functions that the manifest describes.
    var declared: [String: FunctionDefinition] = [:]
    let catalogue: FunctionCatalogue
    let activations = Activations()
    let neighbours: LambdaNeighbours
    let codeFolders: CodeFolders
    let codeToken = UUID4.make()
    lazy var pythonRuntime = PythonRuntime(folder: codeFolders.root + "-runtimes")
    var environmentCount = 0
    lazy var asyncEvents = AsyncEvents(service: self)
    lazy var bucketDeliveries = BucketDeliveries(service: self)
    lazy var eventSources = EventSources(service: self)
    lazy var scheduler = Scheduler(service: self)
    /// To be set before the first event.
    public var eventNeighbours = EventNeighbours.none
    let descriptions = FunctionDescriptions()
    /// Is told of each invocation that ran, when its outcome is known.
    public var observer: ((ObservedInvocation) -> Void)?

    private var nextInvocation: EnvironmentPool.InvocationID = 1
    private var isShutDown = false
    private var sweeper: LoopTimer?
    /// Work for after the current turn of the event loop, in order.
    private var settling: [() -> Void] = []
    private var settleTimer: LoopTimer?
    private var delays: [Int: LoopTimer] = [:]
    private var nextDelay = 0
    /// Stopped environments whose processes have not ended yet.
    private var stoppingEnvironments: [ObjectIdentifier: ExecutionEnvironment] = [:]
    /// File systems of environments that are gone.
    private var leftFiles: [ProcessFiles] = []

    /// No process is started before a function's first invocation.
    public init(
        configuration: LambdaConfiguration, functions: [FunctionDefinition], state: LambdaState,
        neighbours: LambdaNeighbours = LambdaNeighbours(), clock: any WallClock = SystemClock()
    ) {
        self.state = state
        self.neighbours = neighbours
        catalogue = FunctionCatalogue(store: state.store)
        codeFolders = CodeFolders(root: configuration.temporaryDirectory + "/code")
        self.configuration = configuration
        self.clock = clock
        ScratchFolder.makeParents(of: configuration.logDirectory + "/")
        for definition in functions {
            declared[definition.name] = definition
            hosts[definition.name] = FunctionHost(definition: definition, service: self)
        }
        for name in Set(catalogue.functions.keys).union(declared.keys) { refreshProvisioned(of: name) }
        for host in hosts.values { host.startAhead() }
        let period = min(5000, max(50, configuration.idleTimeoutMs / 2))
        sweeper = LoopTimer(afterMilliseconds: period, repeating: true) { [weak self] in self?.sweep() }
    }

    /// Invokes a function and waits for its answer.
    ///
    /// An empty payload becomes `{}`. The payload is not checked to be JSON; the Invoke API does that.
    public func invoke(
        _ name: String, payload: [UInt8], _ options: InvokeOptions = InvokeOptions()
    ) async -> InvokeOutcome {
        await withCheckedContinuation { continuation in
            submit(name, payload, options) { continuation.resume(returning: $0) }
        }
    }

    /// As ``invoke(_:payload:_:)``, but without a Task: `deliver` is called once, maybe before this returns.
    public func invoke(
        _ name: String, payload: [UInt8], deliver: @escaping (InvokeOutcome) -> Void
    ) {
        submit(name, payload, InvokeOptions(), deliver: deliver)
    }

    /// What all ways of invoking have in common. `deliver` is called once, maybe before this returns.
    /// - Parameter stream: takes the answer while it is being made; nil waits for the whole.
    func submit(
        _ name: String, _ payload: [UInt8], _ options: InvokeOptions, stream: StreamedInvocation? = nil,
        deliver: @escaping (InvokeOutcome) -> Void
    ) {
        guard !isShutDown else { return deliver(.startFailure(reason: "the emulator is shutting down")) }
        guard payload.count <= Self.maximumPayloadBytes else {
            return deliver(.requestTooLarge(limit: Self.maximumPayloadBytes))
        }
        // Most calls are of `$LATEST`, and its host is there.
        if options.qualifier == nil, let host = hosts[name] {
            return submit(to: host, payload, options, stream, deliver)
        }
        Task { @EventLoop in
            switch await self.host(of: name, qualifier: options.qualifier) {
            case .success(let host): self.submit(to: host, payload, options, stream, deliver)
            case .failure(.missing): deliver(.functionNotFound)
            case .failure(.unready(let reason)): deliver(.startFailure(reason: reason))
            }
        }
    }

    private func submit(
        to host: FunctionHost, _ payload: [UInt8], _ options: InvokeOptions, _ stream: StreamedInvocation?,
        _ deliver: @escaping (InvokeOutcome) -> Void
    ) {
        guard !isShutDown else { return deliver(.startFailure(reason: "the emulator is shutting down")) }
        let number = nextInvocation
        nextInvocation += 1
        let arn = options.qualifier.map { "\(host.functionARN):\($0)" } ?? host.functionARN
        let invocation = Invocation(
            number: number, requestID: options.requestID ?? UUID4.make(),
            payload: payload.isEmpty ? Array("{}".utf8) : payload, options: options, functionARN: arn,
            traceID: options.traceID ?? TraceID.make(at: clock.now), deliver: deliver)
        invocation.stream = stream
        host.invoke(invocation)
    }

    /// Takes one line for the operator: about events that cannot be run or passed on.
    public func log(_ log: @escaping @Sendable (String) -> Void) { asyncEvents.log = log }

    /// Begins with what waits in the state: asynchronous events, event sources and schedules.
    public func start() {
        open(state)
    }

    private func open(_ state: LambdaState, isSame: Bool = false) {
        asyncEvents.open(state, isSame: isSame)
        bucketDeliveries.open(state)
        eventSources.open(state)
        scheduler.open(state)
    }

    /// Lets go of the state, which is about to be exchanged; `use` comes next. What would be stored waits.
    public func pause() async {
        scheduler.pause()
        await asyncEvents.pause()
        await bucketDeliveries.pause()
        await eventSources.pause()
    }

    /// Goes on with another state; nothing of the one before is used afterwards.
    /// - Parameter isSame: whether it holds what the one before held, as it was not exchanged after all.
    public func use(_ state: LambdaState, isSame: Bool = false) {
        self.state = state
        useCatalogue(of: state.store)
        open(state, isSame: isSame)
    }

    /// Where the function's log is written. The file exists once something was logged.
    public func functionLogPath(_ name: String) -> String {
        "\(configuration.logDirectory)/\(name).log"
    }

    /// Ends all processes and waits until they are gone. Invocations in flight get an answer that says so.
    public func shutdown() async {
        guard !isShutDown else { return }
        isShutDown = true
        sweeper?.cancel()
        asyncEvents.end()
        eventSources.end()
        scheduler.pause()
        for timer in delays.values { timer.cancel() }
        delays = [:]
        for environment in allHosts.flatMap({ $0.shutDown() }) {
            stopping(environment)
            environment.stop(SIGTERM)
        }
        await waitForStopping(milliseconds: Self.kindnessMilliseconds)
        for environment in stoppingEnvironments.values { environment.killNow() }
        // SIGKILL cannot be refused; a process stuck in the kernel must not hold us forever, though.
        await waitForStopping(milliseconds: 5000)
        settleNow()
        settleTimer?.cancel()
        // What functions answered until now is noted.
        await asyncEvents.finish()
        await eventSources.finish()
        await bucketDeliveries.pause()
        for group in groups.values { group.log.close() }
        orphanGuard.close()
    }

    // MARK: - For hosts and environments

    var monotonicMilliseconds: Int64 { Int64(MonotonicClock.nanoseconds / 1_000_000) }

    /// How many environments may be added; one that is idle makes room when there is none.
    func room() -> Int {
        let room = configuration.maxEnvironments - environmentCount
        guard room <= 0 else { return room }
        let oldest = hosts.values.filter { $0.oldestIdle != nil }.min { $0.oldestIdle! < $1.oldestIdle! }
        return oldest?.giveUpOldest() == true ? 1 : 0
    }

    /// Runs `work` when the events that have arrived by now are read. What a process printed before a call
    /// of its Runtime API is among these, so that the log keeps its order.
    func settle(_ work: @escaping () -> Void) {
        settling.append(work)
        guard settleTimer == nil else { return }
        settleTimer = LoopTimer(afterMilliseconds: 0) { [weak self] in self?.settleNow() }
    }

    private func settleNow() {
        settleTimer = nil
        let works = settling
        settling = []
        for work in works { work() }
    }

    func after(milliseconds: Int, _ work: @escaping () -> Void) {
        guard !isShutDown else { return }
        let number = nextDelay
        nextDelay += 1
        delays[number] = LoopTimer(afterMilliseconds: milliseconds) { [weak self] in
            self?.delays[number] = nil
            work()
        }
    }

    func stopping(_ environment: ExecutionEnvironment) {
        let key = ObjectIdentifier(environment)
        stoppingEnvironments[key] = environment
        // A host that was exchanged has to outlive the last process of its environments.
        let host = environment.host
        environment.onGone = { [weak self] in
            withExtendedLifetime(host) { self?.stoppingEnvironments[key] = nil }
        }
    }

    /// Ends what processes of an environment that is gone have left behind, wherever that has gone to.
    func sweepStrays(of files: ProcessFiles) {
        orphanGuard.remove(files)
        guard !files.end() else { return }
        leftFiles.append(files)
        guard leftFiles.count == 1 else { return }
        // Many environments often go together: one look at all processes does for them.
        settle { [weak self] in
            guard let self else { return }
            ProcessFiles.killAll(in: Set(leftFiles.map(\.number)))
            leftFiles = []
        }
    }

    private func sweep() {
        let before = monotonicMilliseconds - Int64(configuration.idleTimeoutMs)
        for host in hosts.values { host.expire(before: before) }
    }

    private func waitForStopping(milliseconds: Int) async {
        let end = monotonicMilliseconds + Int64(milliseconds)
        while !stoppingEnvironments.isEmpty, monotonicMilliseconds < end { await sleep(milliseconds: 2) }
    }
}

/// X-Ray trace headers (AWS X-Ray Developer Guide, "Tracing header").
enum TraceID {
    static func make(at now: Timestamp) -> String {
        let random = BufferedRandomNumberGenerator()
        let seconds = UInt64(max(0, now.seconds)) << 32
        return Hex.fill(
            "Root=1-xxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxx;Parent=xxxxxxxxxxxxxxxx;Sampled=0",
            seconds | random.next() >> 32, random.next(), random.next())
    }
}

/// Which execution environment of one function serves which invocation: a pure state machine.
///
/// It neither waits nor reads a clock: each event takes the time where it matters and returns the
/// ``Action``s that the driver carries out, in order. An invocation counts towards the function's
/// concurrency from its arrival until its answer is known.
struct EnvironmentPool {
    struct EnvironmentID: Hashable, Sendable { let number: Int }
    typealias InvocationID = UInt64

    /// Why an invocation is turned away. Raw values are AWS's `Reason` of `TooManyRequestsException`.
    enum Refusal: String, Equatable {
        /// The function already runs as many invocations as its reserved concurrency.
        case reserved = "ReservedFunctionConcurrentInvocationLimitExceeded"
        /// No further environment fits into the account, and none of this function will become free.
        case account = "ConcurrentInvocationLimitExceeded"
        /// The machine could not create an environment (no port, no folder): not a throttle.
        case noEnvironment = ""
    }

    enum Action: Equatable {
        /// Create an environment; its process initialises before any invocation is given to it.
        case start(EnvironmentID)
        /// The same for provisioned concurrency, ahead of any invocation.
        case startAhead(EnvironmentID)
        /// Start the process of an existing environment again, ahead of any invocation, after a while.
        case restart(EnvironmentID, afterMilliseconds: Int)
        /// Hand an invocation to an environment whose process is polling.
        case assign(InvocationID, EnvironmentID)
        /// Start the environment's process again, as a part of this invocation ("suppressed init").
        case initialise(EnvironmentID, InvocationID)
        case refuse(InvocationID, Refusal)
        /// End the environment's process and remove the environment.
        case stop(EnvironmentID)
        /// Call ``patienceExpired(room:)`` later.
        case lookAgain(afterMilliseconds: Int)
    }

    /// What an environment does.
    enum State: Equatable {
        case starting
        case idle
        /// Serves so many invocations.
        case busy(Int)
        /// The answer is out, but the process has not asked for more; or it is being killed.
        case finishing
        /// The process is gone; folder and port are kept for the next one.
        case reset
    }

    struct Environment {
        enum Phase { case starting, initialising, running, reset }
        var phase = Phase.starting
        /// Invocations that it may serve at once.
        let capacity: Int
        var busy = 0
        var finishing = 0
        /// When it was last given up by an invocation.
        var since: Int64 = 0
        /// Started ahead, never expires.
        var isProvisioned = false
        /// Of an earlier definition, or to be cold: gets nothing any more, and goes when it is done.
        var isStale = false
        /// Inits in a row that failed without an invocation.
        var failures = 0

        var free: Int { phase == .running && !isStale ? capacity - busy - finishing : 0 }
        var isIdle: Bool { phase == .running && busy == 0 && finishing == 0 }
        var state: State {
            switch phase {
            case .starting: .starting
            case .reset: .reset
            case .initialising, .running: busy > 0 ? .busy(busy) : finishing > 0 ? .finishing : .idle
            }
        }
    }

    /// How long an invocation waits for an environment that has answered to poll, before another one is
    /// started for it. A runtime polls microseconds after its answer; without this, one client that calls
    /// in a row would scale a function out.
    static let patienceMilliseconds = 20
    /// Waits before a provisioned environment whose init failed is tried again; the last one repeats.
    static let retryMilliseconds = [1_000, 5_000, 30_000]

    /// Invocations that may run at once.
    var concurrency: Int
    /// Invocations that one environment serves at once.
    let capacity: Int
    /// What those beyond `concurrency` are told.
    let refusal: Refusal
    /// Environments that are to be there ahead of any invocation.
    var provisioned = 0
    /// Nothing is kept warm any more.
    var isRetired = false

    private(set) var environments: [EnvironmentID: Environment] = [:]
    var waiting: [InvocationID] = []
    /// Environments that can take an invocation, least recently used first.
    var free: [EnvironmentID] = []
    /// Environments without a process, in the order in which they lost it.
    var resets: [EnvironmentID] = []
    private(set) var startingCount = 0
    private(set) var initialisingCount = 0
    private(set) var finishingCount = 0
    private(set) var busyCount = 0
    private(set) var staleCount = 0
    private var willLookAgain = false
    private var nextNumber = 1

    init(concurrency: Int, capacity: Int = 1, refusal: Refusal = .reserved) {
        self.concurrency = concurrency
        self.capacity = max(1, capacity)
        self.refusal = refusal
    }

    /// Environments that exist, whatever they do.
    var count: Int { environments.count }
    /// Invocations without an answer.
    var active: Int { busyCount + waiting.count }
    /// Whether an invocation could be served without adding an environment.
    var hasFree: Bool { !free.isEmpty || !resets.isEmpty }
    /// Whether nothing is left to be done.
    var isEmpty: Bool { environments.isEmpty && waiting.isEmpty }
    var states: [EnvironmentID: State] { environments.mapValues(\.state) }

    // MARK: - Events

    /// An invocation arrives.
    /// - Parameter room: how many environments the account may still add.
    mutating func invoke(_ invocation: InvocationID, room: Int) -> [Action] {
        guard active < concurrency else { return [.refuse(invocation, refusal)] }
        if let id = free.last { return [assign(invocation, id)] }
        if let id = resets.popLast() { return [initialise(id, invocation)] }
        waiting.append(invocation)
        if waiting.count <= promised { return [] }
        if waiting.count <= promised + finishingCount {
            guard !willLookAgain else { return [] }
            willLookAgain = true
            return [.lookAgain(afterMilliseconds: Self.patienceMilliseconds)]
        }
        if room > 0, mayGrow > 0 { return [start()] }
        waiting.removeLast()
        return [.refuse(invocation, .account)]
    }

    /// The process asks for work: after its init, or after its answer to an only invocation.
    mutating func ready(_ id: EnvironmentID, now: Int64) -> [Action] {
        guard let environment = environments[id] else { return [] }
        switch environment.phase {
        case .starting, .initialising:
            change(id) {
                $0.phase = .running
                $0.failures = 0
            }
        case .running where environment.finishing > 0: change(id) { $0.finishing -= 1 }
        case .running, .reset: return []
        }
        return becameFree(id, now: now)
    }

    /// One of several invocations that an environment serves at once has its answer.
    mutating func released(_ id: EnvironmentID, now: Int64) -> [Action] {
        guard let environment = environments[id], environment.busy > 0 else { return [] }
        change(id) { $0.busy -= 1 }
        return environment.phase == .running ? becameFree(id, now: now) : []
    }

    /// The only invocation's outcome is known, and the environment is not ready for another one yet.
    mutating func answered(_ id: EnvironmentID) {
        guard environments[id]?.busy ?? 0 > 0 else { return }
        change(id) {
            $0.busy -= 1
            $0.finishing += 1
        }
    }

    /// The process has ended after its init, for whatever reason. Invocations that it was serving have
    /// their answers.
    mutating func lost(_ id: EnvironmentID, now: Int64) -> [Action] {
        guard let environment = environments[id], environment.phase != .starting,
            environment.phase != .reset
        else { return [] }
        return restart(id, now: now)
    }

    /// The init of an environment failed or took too long. The oldest invocation pays for another try.
    mutating func initFailed(_ id: EnvironmentID, now: Int64) -> [Action] {
        guard environments[id]?.phase == .starting else { return [] }
        change(id) { $0.failures += 1 }
        return restart(id, now: now)
    }

    /// The driver could not create the environment at all.
    mutating func couldNotCreate(_ id: EnvironmentID) -> [Action] {
        guard environments[id] != nil else { return [] }
        remove(id)
        // Those which another environment has been promised to wait for it; the others never get one.
        let hope = promised + finishingCount + (capacity > 1 ? busyCount : 0)
        let hopeless = max(0, waiting.count - hope)
        defer { waiting.removeLast(hopeless) }
        return waiting.suffix(hopeless).map { .refuse($0, .noEnvironment) }
    }

    /// The time asked for by ``Action/lookAgain(afterMilliseconds:)`` has passed.
    mutating func patienceExpired(room: Int) -> [Action] {
        willLookAgain = false
        let wanted = min(environmentsWanted, room, mayGrow)
        guard wanted > 0 else { return [] }
        return (0..<wanted).map { _ in start() }
    }

    // MARK: - Steps

    /// Invocations that environments on their way up will take.
    private var promised: Int { startingCount * capacity + initialisingCount * (capacity - 1) }
    /// Environments that may be added under the function's concurrency.
    private var mayGrow: Int { (concurrency + capacity - 1) / capacity - (count - staleCount) }
    /// Environments that those waiting in vain would need.
    var environmentsWanted: Int { max(0, waiting.count - promised + capacity - 1) / capacity }

    mutating func start() -> Action {
        let id = add()
        return .start(id)
    }

    mutating func add(isProvisioned: Bool = false) -> EnvironmentID {
        let id = EnvironmentID(number: nextNumber)
        nextNumber += 1
        var environment = Environment(capacity: capacity)
        environment.isProvisioned = isProvisioned
        environments[id] = environment
        startingCount += 1
        return id
    }

    private mutating func assign(_ invocation: InvocationID, _ id: EnvironmentID) -> Action {
        change(id) { $0.busy += 1 }
        if environments[id]?.free == 0 { removeFromFree(id) }
        return .assign(invocation, id)
    }

    private mutating func initialise(_ id: EnvironmentID, _ invocation: InvocationID) -> Action {
        change(id) {
            $0.phase = $0.capacity > 1 ? .initialising : .running
            $0.busy = 1
        }
        return .initialise(id, invocation)
    }

    /// Gives what waits to an environment that has become able to take it.
    private mutating func becameFree(_ id: EnvironmentID, now: Int64) -> [Action] {
        guard let environment = environments[id] else { return [] }
        if environment.isStale || isRetired && waiting.isEmpty {
            return environment.isIdle ? giveUp(id) : []
        }
        if environment.isIdle { change(id) { $0.since = now } }
        // With several places it may stand there already.
        if environment.capacity > 1 { removeFromFree(id) }
        let count = min(environment.free, waiting.count)
        if environment.free > count { free.append(id) }
        guard count > 0 else { return [] }
        let taken = waiting.prefix(count)
        waiting.removeFirst(count)
        change(id) { $0.busy += count }
        return taken.map { .assign($0, id) }
    }

    private mutating func restart(_ id: EnvironmentID, now: Int64) -> [Action] {
        removeFromFree(id)
        change(id) {
            $0.busy = 0
            $0.finishing = 0
            $0.phase = .reset
            $0.since = now
        }
        guard let environment = environments[id] else { return [] }
        if environment.isStale || isRetired && waiting.isEmpty { return giveUp(id) }
        if !waiting.isEmpty { return [initialise(id, waiting.removeFirst())] }
        resets.append(id)
        guard environment.isProvisioned else { return [] }
        let tries = min(environment.failures, Self.retryMilliseconds.count)
        return [.restart(id, afterMilliseconds: tries == 0 ? 0 : Self.retryMilliseconds[tries - 1])]
    }

    /// A stale environment goes; another one comes for those who waited for it.
    private mutating func giveUp(_ id: EnvironmentID) -> [Action] {
        remove(id)
        var actions: [Action] = [.stop(id)]
        for _ in 0..<min(environmentsWanted, max(0, mayGrow)) { actions.append(start()) }
        return actions
    }

    // MARK: - Bookkeeping

    mutating func remove(_ id: EnvironmentID) {
        guard let environment = environments.removeValue(forKey: id) else { return }
        count(environment, -1)
        removeFromFree(id)
        if environment.phase == .reset { resets.removeAll { $0 == id } }
    }

    mutating func removeFromFree(_ id: EnvironmentID) {
        if free.last == id { free.removeLast() } else if free.count > 0 { free.removeAll { $0 == id } }
    }

    mutating func change(_ id: EnvironmentID, _ body: (inout Environment) -> Void) {
        guard var environment = environments[id] else { return }
        count(environment, -1)
        body(&environment)
        count(environment, 1)
        environments[id] = environment
    }

    private mutating func count(_ environment: Environment, _ sign: Int) {
        if environment.phase == .starting { startingCount += sign }
        if environment.phase == .initialising { initialisingCount += sign }
        if environment.isStale { staleCount += sign }
        busyCount += sign * environment.busy
        finishingCount += sign * environment.finishing
    }
}

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

    enum State: Equatable {
        case starting
        case idle
        case busy(InvocationID)
        /// The answer is out, but the process has not asked for more; or it is being killed.
        case finishing
        /// The process is gone; folder and port are kept for the next one.
        case reset
    }

    /// How long an invocation waits for an environment that has answered to poll, before another one is
    /// started for it. A runtime polls microseconds after its answer; without this, one client that calls
    /// in a row would scale a function out.
    static let patienceMilliseconds = 20

    /// The function's reserved concurrency: also the most environments it may have.
    var concurrency: Int
    /// Whether environments are ended as soon as they have nothing to do.
    private(set) var isRetired = false
    private(set) var states: [EnvironmentID: State] = [:]
    private var waiting: [InvocationID] = []
    /// Environments without work, least recently used first.
    private var idle: [(id: EnvironmentID, since: Int64)] = []
    private var resets: [(id: EnvironmentID, since: Int64)] = []
    private var startingCount = 0
    private var finishingCount = 0
    private var busyCount = 0
    private var willLookAgain = false
    private var nextNumber = 1

    init(concurrency: Int) { self.concurrency = concurrency }

    /// Environments that exist, whatever they do.
    var count: Int { states.count }
    /// Invocations without an answer.
    var active: Int { busyCount + waiting.count }
    /// When the environment that was longest without work lost it; nil when there is none.
    var oldestIdle: Int64? {
        [idle.first?.since, resets.first?.since].compactMap { $0 }.min()
    }

    // MARK: - Events

    /// An invocation arrives.
    /// - Parameter room: how many environments the account may still add.
    mutating func invoke(_ invocation: InvocationID, room: Int) -> [Action] {
        guard active < concurrency else { return [.refuse(invocation, .reserved)] }
        if let free = idle.popLast() {
            set(free.id, .busy(invocation))
            return [.assign(invocation, free.id)]
        }
        if let free = resets.popLast() {
            set(free.id, .busy(invocation))
            return [.initialise(free.id, invocation)]
        }
        waiting.append(invocation)
        if waiting.count <= startingCount { return [] }
        if waiting.count <= startingCount + finishingCount {
            guard !willLookAgain else { return [] }
            willLookAgain = true
            return [.lookAgain(afterMilliseconds: Self.patienceMilliseconds)]
        }
        if room > 0, count < concurrency { return [start()] }
        waiting.removeLast()
        return [.refuse(invocation, .account)]
    }

    /// The process asks for work: after its init, or after an answer.
    mutating func ready(_ id: EnvironmentID, now: Int64) -> [Action] {
        guard let state = states[id], state == .starting || state == .finishing else { return [] }
        guard !waiting.isEmpty else {
            if isRetired { return [remove(id)] }
            set(id, .idle)
            idle.append((id, now))
            return []
        }
        let invocation = waiting.removeFirst()
        set(id, .busy(invocation))
        return [.assign(invocation, id)]
    }

    /// The invocation's outcome is known, and the environment is not ready for another one yet.
    mutating func answered(_ id: EnvironmentID) {
        guard case .busy = states[id] else { return }
        set(id, .finishing)
    }

    /// The process has ended after its init, for whatever reason. An invocation it was serving must have
    /// been ``answered(_:)`` before.
    mutating func lost(_ id: EnvironmentID, now: Int64) -> [Action] {
        guard let state = states[id], state != .starting, state != .reset else { return [] }
        idle.removeAll { $0.id == id }
        return restart(id, now: now)
    }

    /// The init of an environment failed or took too long. The oldest invocation pays for another try.
    mutating func initFailed(_ id: EnvironmentID, now: Int64) -> [Action] {
        guard states[id] == .starting else { return [] }
        return restart(id, now: now)
    }

    /// The driver could not create the environment at all.
    mutating func couldNotCreate(_ id: EnvironmentID) -> [Action] {
        guard states[id] != nil else { return [] }
        set(id, nil)
        // Those which another environment has been promised to wait for it; the others never get one.
        let hopeless = max(0, waiting.count - startingCount - finishingCount)
        defer { waiting.removeLast(hopeless) }
        return waiting.suffix(hopeless).map { .refuse($0, .noEnvironment) }
    }

    /// The time asked for by ``Action/lookAgain(afterMilliseconds:)`` has passed.
    mutating func patienceExpired(room: Int) -> [Action] {
        willLookAgain = false
        let wanted = min(waiting.count - startingCount, room, concurrency - count)
        guard wanted > 0 else { return [] }
        return (0..<wanted).map { _ in start() }
    }

    /// Removes environments without work since `before` or longer.
    mutating func expire(before: Int64) -> [Action] {
        let gone = (idle + resets).filter { $0.since <= before }.map(\.id)
        idle.removeAll { $0.since <= before }
        resets.removeAll { $0.since <= before }
        for id in gone { set(id, nil) }
        return gone.map { .stop($0) }
    }

    /// Removes the environment that was longest without work, so that another function may have one.
    mutating func giveUpOldest() -> [Action] {
        guard let oldest = oldestIdle else { return [] }
        let id: EnvironmentID
        if resets.first?.since == oldest {
            id = resets.removeFirst().id
        } else {
            id = idle.removeFirst().id
        }
        set(id, nil)
        return [.stop(id)]
    }

    /// No further invocation will come: removes the environments without work, and from now on each one that
    /// has done its work.
    mutating func retire() -> [Action] {
        isRetired = true
        var gone = (idle + resets).map(\.id)
        idle = []
        resets = []
        // Those that are starting for nobody.
        let spare = max(0, startingCount - waiting.count)
        gone += states.filter { $0.value == .starting }.map(\.key).sorted { $0.number > $1.number }.prefix(
            spare)
        return gone.map { remove($0) }
    }

    // MARK: - Bookkeeping

    private mutating func remove(_ id: EnvironmentID) -> Action {
        set(id, nil)
        return .stop(id)
    }

    private mutating func start() -> Action {
        let id = EnvironmentID(number: nextNumber)
        nextNumber += 1
        set(id, .starting)
        return .start(id)
    }

    private mutating func restart(_ id: EnvironmentID, now: Int64) -> [Action] {
        guard !waiting.isEmpty else {
            if isRetired { return [remove(id)] }
            set(id, .reset)
            resets.append((id, now))
            return []
        }
        let invocation = waiting.removeFirst()
        set(id, .busy(invocation))
        return [.initialise(id, invocation)]
    }

    private mutating func set(_ id: EnvironmentID, _ state: State?) {
        switch states[id] {
        case .starting: startingCount -= 1
        case .finishing: finishingCount -= 1
        case .busy: busyCount -= 1
        case .idle, .reset, nil: break
        }
        switch state {
        case .starting: startingCount += 1
        case .finishing: finishingCount += 1
        case .busy: busyCount += 1
        case .idle, .reset, nil: break
        }
        states[id] = state
    }
}

import Seeded

@testable import Lambda

private typealias ID = EnvironmentPool.EnvironmentID

/// A driver without processes, which notes each broken promise.
struct PoolWalk {
    static let concurrency = 4

    var pool: EnvironmentPool
    var open: Set<UInt64> = []
    private var running: [ID: Set<UInt64>] = [:]
    private var starting: Set<ID> = []
    private var finishing: Set<ID> = []
    private var restarting: Set<ID> = []
    private var looksAgain = false
    private var next: UInt64 = 1
    private(set) var ended = 0
    private(set) var problems: [String] = []

    /// - Parameter capacity: invocations that one environment serves at once.
    init(capacity: Int) { pool = EnvironmentPool(concurrency: Self.concurrency, capacity: capacity) }

    private mutating func apply(_ actions: [EnvironmentPool.Action]) {
        for action in actions {
            switch action {
            case .start(let id), .startAhead(let id): starting.insert(id)
            case .restart(let id, _): restarting.insert(id)
            case .assign(let invocation, let id):
                take(invocation, id)
                if starting.contains(id) { problems.append("\(id) is not up") }
            case .initialise(let id, let invocation):
                take(invocation, id)
                if pool.capacity > 1 { starting.insert(id) }
            case .refuse(let invocation, _): end(invocation)
            case .stop(let id):
                if running[id]?.isEmpty == false { problems.append("\(id) stopped while busy") }
                starting.remove(id)
                finishing.remove(id)
                restarting.remove(id)
            case .lookAgain: looksAgain = true
            }
        }
        // Up to two are provisioned, and up to two that were may still be at work.
        if pool.count - pool.staleCount > Self.concurrency + 4 {
            problems.append("\(pool.count) environments")
        }
        if pool.active != open.count { problems.append("active \(pool.active), open \(open.count)") }
    }

    private mutating func take(_ invocation: UInt64, _ id: ID) {
        if !open.contains(invocation) { problems.append("\(invocation) is not open") }
        running[id, default: []].insert(invocation)
        if running[id]?.count ?? 0 > pool.capacity { problems.append("\(id) has too many") }
        finishing.remove(id)
        restarting.remove(id)
    }

    private mutating func end(_ invocation: UInt64) {
        if open.remove(invocation) == nil { problems.append("\(invocation) ended twice") }
        ended += 1
    }

    /// One invocation gets its answer.
    private mutating func answer(_ id: ID, _ now: Int64) {
        guard let invocation = running[id]?.popFirst() else { return }
        end(invocation)
        if pool.capacity == 1 {
            pool.answered(id)
            finishing.insert(id)
        } else {
            apply(pool.released(id, now: now))
        }
    }

    /// Its process ends; whatever it was serving has its answer.
    private mutating func crash(_ id: ID, _ now: Int64) {
        let wasUp = starting.remove(id) == nil
        let invocations = running.removeValue(forKey: id) ?? []
        for invocation in invocations {
            end(invocation)
            if pool.capacity == 1 { pool.answered(id) }
        }
        finishing.remove(id)
        guard wasUp || !invocations.isEmpty else { return apply(pool.initFailed(id, now: now)) }
        apply(pool.lost(id, now: now))
    }

    mutating func step(_ now: Int64, _ random: inout SeededRandom) {
        let any = pool.states.keys.sorted { $0.number < $1.number }.randomElement(using: &random)
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1, 2, 3:
            open.insert(next)
            next += 1
            apply(pool.invoke(next - 1, room: Int.random(in: 0...2, using: &random)))
        case 4, 5: if let any, !starting.contains(any) { answer(any, now) }
        case 6, 7:
            if let any, starting.remove(any) != nil || finishing.remove(any) != nil {
                apply(pool.ready(any, now: now))
            }
        case 8: if let any, pool.states[any] != .reset { crash(any, now) }
        case 9: apply(pool.expire(before: now - 20))
        case 10: upkeep(&random)
        default:
            if looksAgain {
                looksAgain = false
                apply(pool.patienceExpired(room: 1))
            }
        }
    }

    private mutating func upkeep(_ random: inout SeededRandom) {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: apply(pool.recycle(room: 1))
        case 1: apply(pool.provision(Int.random(in: 0...2, using: &random), room: 1))
        default:
            for id in restarting where pool.restarts(id) { starting.insert(id) }
            restarting = []
        }
    }

    /// Everything that started comes to its end.
    mutating func drain() {
        for _ in 0..<200 where !open.isEmpty {
            for id in starting.union(finishing) {
                starting.remove(id)
                finishing.remove(id)
                apply(pool.ready(id, now: 0))
            }
            for id in running.keys.sorted(by: { $0.number < $1.number }) { answer(id, 0) }
        }
    }
}

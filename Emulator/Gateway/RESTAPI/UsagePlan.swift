import Clock
import JSON
import Synchronization

/// `ApiKey`.
public struct APIKey: Sendable, Equatable {
    public var id: String
    public var name: String
    public var value: String
    public var enabled: Bool

    public init(id: String, name: String, value: String, enabled: Bool = true) {
        self.id = id
        self.name = name
        self.value = value
        self.enabled = enabled
    }
}

/// `UsagePlan`: who may call which stages, how fast and how often.
public struct UsagePlan: Sendable {
    public struct Quota: Sendable, Equatable {
        public enum Period: String, Sendable, CaseIterable {
            case day = "DAY"
            case week = "WEEK"
            case month = "MONTH"
        }
        public var limit: Int
        /// Requests subtracted from the first period's limit.
        public var offset: Int
        public var period: Period

        public init(limit: Int, offset: Int = 0, period: Period) {
            self.limit = limit
            self.offset = offset
            self.period = period
        }
    }

    public var id: String
    public var name: String
    /// Ids of API keys.
    public var keys: [String]
    /// Names of stages.
    public var stages: [String]
    /// For each key.
    public var throttle: ThrottlingLimits?
    /// By `{stage}:{path}/{METHOD}`, for each key.
    public var methodThrottles: [String: ThrottlingLimits]
    public var quota: Quota?

    public init(
        id: String, name: String, keys: [String], stages: [String], throttle: ThrottlingLimits? = nil,
        methodThrottles: [String: ThrottlingLimits] = [:], quota: Quota? = nil
    ) {
        self.id = id
        self.name = name
        self.keys = keys
        self.stages = stages
        self.throttle = throttle
        self.methodThrottles = methodThrottles
        self.quota = quota
    }
}

/// What one key has used of one plan in one period. Pure.
struct QuotaCounter: Sendable, Equatable {
    private(set) var period: Int64
    private(set) var used: Int

    /// Takes one request; false when the quota of the period is used up.
    mutating func take(_ quota: UsagePlan.Quota, at now: Timestamp, isFirstPeriod: Bool) -> Bool {
        let current = Self.period(quota.period, at: now)
        if current != period { self = QuotaCounter(period: current, used: 0) }
        guard used < quota.limit - (isFirstPeriod ? quota.offset : 0) else { return false }
        used += 1
        return true
    }

    /// A number for the period that a moment is in: days since 1970, weeks from Sunday, months. All in UTC.
    static func period(_ period: UsagePlan.Quota.Period, at now: Timestamp) -> Int64 {
        let days = (now.seconds - (now.seconds % 86_400 + 86_400) % 86_400) / 86_400
        switch period {
        case .day: return days
        // 1970-01-01 was a Thursday.
        case .week: return (days + 4) / 7
        case .month:
            let date = now.civil
            return Int64(date.year * 12 + date.month)
        }
    }
}

/// Keeps all counters and buckets of an API's usage plans.
final class UsageLedger: Sendable {
    enum Verdict { case admitted, throttled, quotaExceeded }

    private let configuration: RESTAPIConfiguration
    private let keys: [String: APIKey]
    private struct State {
        var throttles: [String: Throttle] = [:]
        var counters: [String: QuotaCounter] = [:]
        /// The period in which a counter began.
        var begun: [String: Int64] = [:]
        var isChanged = false
    }
    private let state = Mutex(State())

    init(_ configuration: RESTAPIConfiguration) {
        self.configuration = configuration
        keys = Dictionary(
            configuration.apiKeys.map { ($0.value, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The enabled key of this value that a plan allows on this stage, with that plan.
    func find(_ value: String, stage: String) -> (key: APIKey, plan: UsagePlan)? {
        guard let key = keys[value], key.enabled,
            let plan = configuration.usagePlans.first(where: {
                $0.keys.contains(key.id) && $0.stages.contains(stage)
            })
        else { return nil }
        return (key, plan)
    }

    /// Takes one request of a key: the method's throttle, then the plan's, then the quota.
    func take(_ key: APIKey, _ plan: UsagePlan, stage: String, method: RESTMethod, now: Timestamp) -> Verdict
    {
        state.withLock { state in
            let name = "\(stage):\(method.resource)/\(method.httpMethod)"
            for (limits, suffix) in [(plan.methodThrottles[name], name), (plan.throttle, "")] {
                guard let limits else { continue }
                let place = "\(plan.id) \(key.id) \(suffix)"
                let throttle = state.throttles[place] ?? Throttle(limits)
                state.throttles[place] = throttle
                guard throttle.admits() else { return .throttled }
            }
            guard let quota = plan.quota else { return .admitted }
            let place = Self.place(plan, key)
            let period = QuotaCounter.period(quota.period, at: now)
            var counter = state.counters[place] ?? QuotaCounter(period: period, used: 0)
            let first = state.begun[place] ?? period
            state.begun[place] = first
            let isAdmitted = counter.take(quota, at: now, isFirstPeriod: first == period)
            // Who asks in vain changes nothing that would have to be written down.
            if counter != state.counters[place] { state.isChanged = true }
            state.counters[place] = counter
            return isAdmitted ? .admitted : .quotaExceeded
        }
    }

    private static func place(_ plan: UsagePlan, _ key: APIKey) -> String { "\(plan.id) \(key.id)" }

    /// The counters, to be kept over a restart; nil when nothing has changed since the last call, or since they were
    /// restored.
    func changes() -> JSONValue? {
        state.withLock { state in
            guard state.isChanged else { return nil }
            state.isChanged = false
            var counters = JSONObject()
            for (place, counter) in state.counters {
                counters[place] = [
                    "period": .number(JSONNumber(counter.period)), "used": .number(JSONNumber(counter.used)),
                    "begun": .number(JSONNumber(state.begun[place] ?? counter.period)),
                ]
            }
            return .object(counters)
        }
    }

    /// What `changes` gave last could not be kept: it is to be given again.
    func changesWereLost() { state.withLock { $0.isChanged = true } }

    /// Puts what `changes` gave an earlier run in the place of what there is.
    func restore(_ kept: JSONValue) {
        state.withLock { state in
            (state.counters, state.begun, state.isChanged) = ([:], [:], false)
            for (place, counter) in kept.object ?? [:] {
                guard let period = counter["period"]?.int64, let used = counter["used"]?.int else { continue }
                state.counters[place] = QuotaCounter(period: period, used: used)
                state.begun[place] = counter["begun"]?.int64 ?? period
            }
        }
    }
}

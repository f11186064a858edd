import Clock

/// `rate(...)` or `cron(...)` (Amazon EventBridge User Guide, "Schedule expressions"), in UTC. Pure.
public enum ScheduleExpression: Sendable, Equatable {
    /// Milliseconds, a multiple of a minute.
    case rate(Int64)
    case cron(CronExpression)

    /// Why a text is no schedule.
    public struct Invalid: Error, Equatable, CustomStringConvertible {
        public let reason: String
        public var description: String { reason }
    }

    public init(_ text: String) throws(Invalid) {
        if let inner = Self.inside(text, "rate") {
            self = .rate(try Self.period(inner))
        } else if let inner = Self.inside(text, "cron") {
            self = .cron(try CronExpression(inner))
        } else {
            throw Invalid(reason: "write rate(5 minutes) or cron(0 12 * * ? *)")
        }
    }

    /// The first time after `time` at which the schedule is due; nil when there is none any more.
    /// - Parameter start: when the schedule was made: rates count from there.
    public func next(after time: Timestamp, start: Timestamp) -> Timestamp? {
        switch self {
        case .cron(let cron): return cron.next(after: time)
        case .rate(let period):
            if time < start { return start + period }
            return start + ((time - start) / period + 1) * period
        }
    }

    private static func inside(_ text: String, _ name: String) -> String? {
        guard text.hasPrefix(name + "("), text.hasSuffix(")") else { return nil }
        return String(text.dropFirst(name.utf8.count + 1).dropLast())
    }

    /// `5 minutes`; one of them is `1 minute`.
    private static func period(_ text: String) throws(Invalid) -> Int64 {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        let units: [Substring: Int64] = ["minute": 60_000, "hour": 3_600_000, "day": 86_400_000]
        guard parts.count == 2, parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let value = Int64(parts[0]), (1...1_000_000).contains(value)
        else { throw Invalid(reason: "rate takes a whole number and a unit, as in rate(5 minutes)") }
        if let unit = units[parts[1]] {
            guard value == 1 else { throw Invalid(reason: "for \(value) the unit is '\(parts[1])s'") }
            return unit
        }
        guard parts[1].last == "s", let unit = units[parts[1].dropLast()] else {
            throw Invalid(reason: "the units of rate are minutes, hours and days")
        }
        guard value > 1 else { throw Invalid(reason: "for 1 the unit is '\(parts[1].dropLast())'") }
        return value * unit
    }
}

import Clock

/// When rules become due. S3 counts days from a moment and then goes on to the next midnight, UTC (Amazon S3 User
/// Guide, "Lifecycle rules: Based on an object's age").
enum LifecycleTimes {
    static let day: Int64 = 86_400_000

    /// The midnight that comes after `days` days.
    static func midnight(_ days: Int, after start: Timestamp) -> Timestamp {
        let end = start + Int64(days) * day
        return end - end.milliseconds % day + day
    }

    static func isMidnight(_ time: Timestamp) -> Bool { time.milliseconds % day == 0 }
}

extension LifecycleRule.Moment {
    func due(_ made: Timestamp) -> Timestamp {
        switch self {
        case .days(let days): LifecycleTimes.midnight(days, after: made)
        case .date(let date): date
        }
    }
}

extension LifecycleConfiguration {
    /// When the current version of an object will expire, by which rule. Of several rules the soonest counts,
    /// then the first.
    func expiry(_ key: [UInt8], _ record: ObjectRecord) -> (date: Timestamp, rule: String)? {
        var soonest: (date: Timestamp, rule: String)?
        for rule in rules where rule.isEnabled {
            guard case .at(let moment) = rule.expiration,
                rule.filter.covers(key, size: record.size, tags: record.attributes.tags)
            else { continue }
            let date = moment.due(record.lastModified)
            if soonest.map({ date < $0.date }) ?? true { soonest = (date, rule.id) }
        }
        return soonest
    }

    /// When an unfinished upload will be aborted, by which rule.
    func abortion(_ key: [UInt8], initiated: Timestamp) -> (date: Timestamp, rule: String)? {
        var soonest: (date: Timestamp, rule: String)?
        for rule in rules where rule.isEnabled {
            guard let days = rule.abortUploadsAfter, rule.filter.covers(key) else { continue }
            let date = LifecycleTimes.midnight(days, after: initiated)
            if soonest.map({ date < $0.date }) ?? true { soonest = (date, rule.id) }
        }
        return soonest
    }
}

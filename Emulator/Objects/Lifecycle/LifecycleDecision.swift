import Clock

/// What the rules of a bucket have to say about one thing at one moment.
extension LifecycleConfiguration {
    /// Smaller objects do not move, unless a rule names sizes itself.
    private static let smallestMoving: Int64 = 128 * 1024

    func isExpired(_ key: [UInt8], _ record: ObjectRecord, at now: Timestamp) -> Bool {
        expiry(key, record).map { $0.date <= now } ?? false
    }

    /// The class that the current version should be in by now; nil when it is there or beyond.
    func transition(_ key: [UInt8], _ record: ObjectRecord, at now: Timestamp) -> String? {
        let due = rules.filter(\.isEnabled).flatMap { rule in
            rule.transitions.filter {
                $0.moment.due(record.lastModified) <= now && moves(rule, key, record, to: $0.storageClass)
            }.map(\.storageClass)
        }
        return furthest(due, from: record)
    }

    /// - Parameters:
    ///   - since: when a newer version came.
    ///   - newer: how many noncurrent versions are newer.
    func isNoncurrentExpired(
        _ key: [UInt8], _ record: ObjectRecord, since: Timestamp, newer: Int, at now: Timestamp
    ) -> Bool {
        rules.contains { rule in
            guard rule.isEnabled, let noncurrent = rule.noncurrentExpiration else { return false }
            return noncurrent.isDue(since, newer, now)
                && rule.filter.covers(key, size: record.size, tags: record.attributes.tags)
        }
    }

    func noncurrentTransition(
        _ key: [UInt8], _ record: ObjectRecord, since: Timestamp, newer: Int, at now: Timestamp
    ) -> String? {
        if record.isDeleteMarker { return nil }
        let due = rules.filter(\.isEnabled).flatMap { rule in
            rule.noncurrentTransitions.filter {
                $0.noncurrent.isDue(since, newer, now) && moves(rule, key, record, to: $0.storageClass)
            }.map(\.storageClass)
        }
        return furthest(due, from: record)
    }

    /// Whether a delete marker with nothing below it goes: when a rule says so, or when it is as old as a rule
    /// lets objects become.
    func removesLoneMarker(_ key: [UInt8], _ marker: ObjectRecord, at now: Timestamp) -> Bool {
        rules.contains { rule in
            guard rule.isEnabled, rule.filter.covers(key, size: 0, tags: []) else { return false }
            switch rule.expiration {
            case .expiredMarkers(let isOn): return isOn
            case .at(.days(let days)):
                return LifecycleTimes.midnight(days, after: marker.lastModified) <= now
            case .at(.date), nil: return false
            }
        }
    }

    var aboutUploads: Bool { rules.contains { $0.isEnabled && $0.abortUploadsAfter != nil } }

    private func moves(
        _ rule: LifecycleRule, _ key: [UInt8], _ record: ObjectRecord, to storageClass: String
    ) -> Bool {
        guard rule.filter.covers(key, size: record.size, tags: record.attributes.tags) else { return false }
        if rule.filter.hasSize || record.size >= Self.smallestMoving { return true }
        return smallObjects == .moveToArchives && StorageClass.isArchive(storageClass)
    }

    private func furthest(_ classes: [String], from record: ObjectRecord) -> String? {
        let target = classes.max { StorageClass.rank($0) < StorageClass.rank($1) }
        guard let target, StorageClass.rank(target) > StorageClass.rank(record.attributes.storageClass) else {
            return nil
        }
        return target
    }
}

extension LifecycleRule.Noncurrent {
    fileprivate func isDue(_ since: Timestamp, _ newer: Int, _ now: Timestamp) -> Bool {
        newer >= (kept ?? 0) && LifecycleTimes.midnight(days, after: since) <= now
    }
}

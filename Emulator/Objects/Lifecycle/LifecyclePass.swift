import Bytes
import Clock
import Store

/// One step of a sweep in one bucket: what is due, and how it is carried out.
struct LifecyclePass: Sendable {
    /// Something that was due on the snapshot.
    enum Change: Sendable {
        case object([UInt8])
        case version([UInt8], order: UInt64)
        case loneMarker([UInt8])
        case upload([UInt8], id: String)
    }

    typealias Found = (changes: [Change], next: [UInt8]?)

    let bucket: String
    /// As of when rules are due.
    let now: Timestamp
    /// The true time, for locks and for what is written.
    let clock: Timestamp
    let origin: ObjectEvent.Origin
    let core: ObjectsCore

    // MARK: - What is due

    func dueObjects(_ rules: LifecycleConfiguration, from cursor: [UInt8]?) throws -> Found {
        let prefix = StorageKeys.objectPrefix(bucket)
        return try walk(prefix, from: cursor) { _, stored, value, changes in
            let key = Array(stored[prefix.count...])
            let record = try ObjectRecord(decoding: value)
            if rules.isExpired(key, record, at: now) || rules.transition(key, record, at: now) != nil {
                changes.append(.object(key))
            }
        }
    }

    func dueVersions(
        _ rules: LifecycleConfiguration, from cursor: [UInt8]?, _ stack: inout VersionStack
    ) throws -> Found {
        let prefix = StorageKeys.versionPrefix(bucket)
        var place = stack
        let found = try walk(prefix, from: cursor) { snapshot, stored, value, changes in
            let key = StorageKeys.key(ofVersion: stored, prefix: prefix)
            let record = try ObjectRecord(decoding: value)
            let versions = Versions(bucket: bucket, key: key)
            if place.key != key {
                place = VersionStack(key: key)
                place.above = try versions.current(in: snapshot)?.lastModified
            }
            if let above = place.above.map({ record.noncurrentSince ?? $0 }) {
                let (newer, at) = (place.noncurrent, now)
                if rules.isNoncurrentExpired(key, record, since: above, newer: newer, at: at)
                    || rules.noncurrentTransition(key, record, since: above, newer: newer, at: at) != nil
                {
                    changes.append(.version(key, order: record.order))
                }
                place.noncurrent += 1
            } else if record.isDeleteMarker, rules.removesLoneMarker(key, record, at: now),
                try Self.isLone(versions, in: snapshot)
            {
                changes.append(.loneMarker(key))
            }
            place.above = record.lastModified
        }
        stack = place
        return found
    }

    func dueUploads(_ rules: LifecycleConfiguration, from cursor: [UInt8]?) throws -> Found {
        try walk(StorageKeys.uploadPrefix(bucket), from: cursor) { _, _, value, changes in
            let upload = try UploadRecord(decoding: value)
            if let due = rules.abortion(upload.key, initiated: upload.initiated), due.date <= now {
                changes.append(.upload(upload.key, id: upload.id))
            }
        }
    }

    /// - Returns: the changes, and where to go on; nil at the end.
    private func walk(
        _ prefix: [UInt8], from cursor: [UInt8]?,
        _ look: (Snapshot, [UInt8], [UInt8], inout [Change]) throws -> Void
    ) throws -> Found {
        var changes: [Change] = []
        var next: [UInt8]?
        var looked = 0
        try core.store.read { snapshot in
            try snapshot.scan(
                .objects, from: cursor ?? prefix, to: StorageKeys.successor(of: prefix), reverse: false
            ) { stored, value in
                guard looked < LifecycleSweep.portion.looked, changes.count < LifecycleSweep.portion.changed
                else {
                    next = stored
                    return false
                }
                looked += 1
                try look(snapshot, stored, value, &changes)
                return true
            }
        }
        return (changes, next)
    }

    private static func isLone(_ versions: Versions, in reader: any Reading) throws -> Bool {
        guard try versions.current(in: reader) == nil else { return false }
        var count = 0
        try versions.scanAside(in: reader) { _ in
            count += 1
            return count < 2
        }
        return count == 1
    }

    // MARK: - Carrying it out

    func carryOut(
        _ change: Change, _ counts: inout LifecycleReport.Counts, _ transaction: Transaction
    ) throws {
        // The bucket or its rules may have changed since.
        guard let bytes = try transaction.get(.objects, StorageKeys.bucket(bucket)) else { return }
        let record = try BucketRecord(decoding: bytes)
        guard let rules = try core.lifecycle.rules(of: record) else { return }
        switch change {
        case .object(let key):
            try handle(Versions(bucket: bucket, key: key), rules, record, &counts, transaction)
        case .version(let key, let order):
            try handleNoncurrent(
                Versions(bucket: bucket, key: key), order, rules, record, &counts, transaction)
        case .loneMarker(let key):
            let versions = Versions(bucket: bucket, key: key)
            guard let marker = try versions.newest(in: transaction), marker.isDeleteMarker,
                rules.removesLoneMarker(key, marker, at: now), try Self.isLone(versions, in: transaction)
            else { return }
            try versions.remove(marker, in: transaction)
            counts.markersRemoved += 1
            note("LifecycleExpiration:Delete", versions, marker, record, transaction)
        case .upload(let key, let id):
            guard let stored = try transaction.get(.objects, StorageKeys.upload(bucket, key, id)) else {
                return
            }
            let upload = try UploadRecord(decoding: stored)
            guard let due = rules.abortion(key, initiated: upload.initiated), due.date <= now else { return }
            try Multipart.remove(upload, bucket: bucket, core, transaction)
            counts.uploadsAborted += 1
        }
    }

    private func handle(
        _ versions: Versions, _ rules: LifecycleConfiguration, _ bucketRecord: BucketRecord,
        _ counts: inout LifecycleReport.Counts, _ transaction: Transaction
    ) throws {
        guard var current = try versions.current(in: transaction) else { return }
        let isExpired = rules.isExpired(versions.key, current, at: now)
        // Deleting for good comes before moving, moving before hiding.
        if isExpired, bucketRecord.versioning == .never {
            guard !isLocked(current) else {
                counts.kept += 1
                return
            }
            try versions.remove(current, in: transaction)
            counts.expired += 1
            return note("LifecycleExpiration:Delete", versions, current, bucketRecord, transaction)
        }
        if let target = rules.transition(versions.key, current, at: now) {
            try move(&current, to: target, versions, bucketRecord, &counts, transaction)
        }
        guard isExpired else { return }
        let marker = try versions.add(
            ObjectRecord(deletedAt: clock), versioning: bucketRecord.versioning, in: transaction)
        counts.markersMade += 1
        note("LifecycleExpiration:DeleteMarkerCreated", versions, marker, bucketRecord, transaction)
    }

    private func handleNoncurrent(
        _ versions: Versions, _ order: UInt64, _ rules: LifecycleConfiguration, _ bucketRecord: BucketRecord,
        _ counts: inout LifecycleReport.Counts, _ transaction: Transaction
    ) throws {
        let place = StorageKeys.version(bucket, versions.key, order: order)
        guard let bytes = try transaction.get(.objects, place),
            let above = try Self.above(versions, order, rules.mostKept, in: transaction)
        else { return }
        var record = try ObjectRecord(decoding: bytes)
        if rules.isNoncurrentExpired(
            versions.key, record, since: record.noncurrentSince ?? above.made, newer: above.noncurrent,
            at: now)
        {
            guard !isLocked(record) else {
                counts.kept += 1
                return
            }
            try versions.remove(record, in: transaction)
            counts.versionsRemoved += 1
            note("LifecycleExpiration:Delete", versions, record, bucketRecord, transaction)
        } else if let target = rules.noncurrentTransition(
            versions.key, record, since: record.noncurrentSince ?? above.made, newer: above.noncurrent,
            at: now)
        {
            try move(&record, to: target, versions, bucketRecord, &counts, transaction)
        }
    }

    /// The version just above one: when it was made, and how many noncurrent ones are newer, counted no further
    /// than `limit`. Nil when the version is the newest.
    private static func above(
        _ versions: Versions, _ order: UInt64, _ limit: Int, in transaction: Transaction
    ) throws -> (made: Timestamp, noncurrent: Int)? {
        let current = try versions.current(in: transaction)
        var made = current?.lastModified
        var newer = 0
        try versions.scanAside(in: transaction) { record in
            guard record.order != order, newer <= limit else { return false }
            newer += 1
            return true
        }
        // The key in front of this one, newest first.
        let prefix = StorageKeys.versions(of: versions.bucket, versions.key)
        try transaction.scan(
            .objects, from: prefix, to: StorageKeys.version(versions.bucket, versions.key, order: order),
            reverse: true
        ) { _, value in
            made = try ObjectRecord(decoding: value).lastModified
            return false
        }
        // Without a current object, the newest one aside is no noncurrent version.
        return made.map { ($0, current == nil ? newer - 1 : newer) }
    }

    private func move(
        _ record: inout ObjectRecord, to storageClass: String, _ versions: Versions,
        _ bucketRecord: BucketRecord, _ counts: inout LifecycleReport.Counts, _ transaction: Transaction
    ) throws {
        record.attributes.storageClass = storageClass
        record.restoredUntil = nil
        try versions.update(record, in: transaction)
        counts.transitioned += 1
        var told = event("LifecycleTransition", versions, record, bucketRecord)
        told.storageClass = storageClass
        told.note(bucketRecord, in: transaction)
    }

    private func isLocked(_ record: ObjectRecord) -> Bool {
        (try? LockProtection.check(record, now: clock, bypassesGovernance: false)) == nil
    }

    private func note(
        _ name: String, _ versions: Versions, _ record: ObjectRecord, _ bucketRecord: BucketRecord,
        _ transaction: Transaction
    ) {
        event(name, versions, record, bucketRecord).note(bucketRecord, in: transaction)
    }

    private func event(
        _ name: String, _ versions: Versions, _ record: ObjectRecord, _ bucketRecord: BucketRecord
    ) -> ObjectEvent {
        ObjectEvent(name, versions, record, bucketRecord, at: clock, by: origin)
    }
}

extension LifecycleConfiguration {
    /// The greatest number of noncurrent versions that any rule keeps.
    fileprivate var mostKept: Int {
        rules.reduce(0) { most, rule in
            let kept = [rule.noncurrentExpiration?.kept] + rule.noncurrentTransitions.map(\.noncurrent.kept)
            return max(most, kept.compactMap(\.self).max() ?? 0)
        }
    }
}

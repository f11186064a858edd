import Bytes
import Clock
import Store

/// One step of a sweep in one bucket: what is due, and how it is carried out.
struct LifecyclePass: Sendable {
    /// Something that was due on the snapshot.
    enum Change: Sendable {
        case object([UInt8])
        case version([UInt8], order: UInt64, below: VersionStack)
        case loneMarker([UInt8])
        case upload([UInt8], id: String)

        /// Where the record stands.
        func stored(in bucket: String) -> [UInt8] {
            switch self {
            case .object(let key): StorageKeys.object(bucket, key)
            case .version(let key, let order, _): StorageKeys.version(bucket, key, order: order)
            case .loneMarker(let key): StorageKeys.versions(of: bucket, key)
            case .upload(let key, let id): StorageKeys.upload(bucket, key, id)
            }
        }
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
        let mostKept = rules.mostKept
        let found = try walk(prefix, from: cursor) { snapshot, stored, value, changes in
            let key = StorageKeys.key(ofVersion: stored, prefix: prefix)
            let record = try ObjectRecord(decoding: value)
            let versions = Versions(bucket: bucket, key: key)
            if place.key != key {
                place = VersionStack(key: key)
                place.above = try versions.current(in: snapshot)?.lastModified
            }
            if let above = place.above.map({ record.noncurrentSince ?? $0 }) {
                let (newer, at) = (place.newest.count, now)
                if rules.isNoncurrentExpired(key, record, since: above, newer: newer, at: at)
                    || rules.noncurrentTransition(key, record, since: above, newer: newer, at: at) != nil
                {
                    changes.append(.version(key, order: record.order, below: place))
                }
                if newer < mostKept { place.newest.append(record.order) }
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
                do {
                    try look(snapshot, stored, value, &changes)
                } catch is RecordError {
                    core.unreadable.report(stored, "A record of the bucket '\(bucket)'")
                }
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
        _ changes: [Change], _ counts: inout LifecycleReport.Counts, _ transaction: Transaction
    ) throws {
        var survivors = SurvivingVersions()
        for change in changes { try carryOut(change, &survivors, &counts, transaction) }
    }

    private func carryOut(
        _ change: Change, _ survivors: inout SurvivingVersions, _ counts: inout LifecycleReport.Counts,
        _ transaction: Transaction
    ) throws {
        // The bucket or its rules may have changed since.
        guard let bytes = try transaction.get(.objects, StorageKeys.bucket(bucket)) else { return }
        let record = try BucketRecord(decoding: bytes)
        guard let rules = try core.lifecycle.rules(of: record) else { return }
        switch change {
        case .object(let key):
            try handle(Versions(bucket: bucket, key: key), rules, record, &counts, transaction)
        case .version(let key, let order, let stack):
            try handleNoncurrent(
                Versions(bucket: bucket, key: key), order, stack, &survivors, rules, record, &counts,
                transaction)
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
            try Multipart.remove(upload, bucket: bucket, in: transaction)
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

    /// What stands above the version is not looked for once more: that would mean to read across all those that
    /// were removed before. Only whether it is still there.
    private func handleNoncurrent(
        _ versions: Versions, _ order: UInt64, _ stack: VersionStack,
        _ survivors: inout SurvivingVersions,
        _ rules: LifecycleConfiguration, _ bucketRecord: BucketRecord,
        _ counts: inout LifecycleReport.Counts, _ transaction: Transaction
    ) throws {
        let place = StorageKeys.version(bucket, versions.key, order: order)
        guard let above = stack.above, let bytes = try transaction.get(.objects, place) else { return }
        var record = try ObjectRecord(decoding: bytes)
        if try versions.isNewest(record, in: transaction) { return }
        let since = record.noncurrentSince ?? above
        let newer = try survivors.count(of: stack.newest, versions, in: transaction)
        if rules.isNoncurrentExpired(versions.key, record, since: since, newer: newer, at: now) {
            guard !isLocked(record) else {
                counts.kept += 1
                return
            }
            try versions.remove(record, in: transaction)
            survivors.remove(order)
            counts.versionsRemoved += 1
            note("LifecycleExpiration:Delete", versions, record, bucketRecord, transaction)
        } else if let target = rules.noncurrentTransition(
            versions.key, record, since: since, newer: newer, at: now)
        {
            try move(&record, to: target, versions, bucketRecord, &counts, transaction)
        }
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

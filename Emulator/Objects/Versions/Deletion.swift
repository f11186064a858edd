import AWSProtocol
import Clock
import HTTPTypes
import Store

/// What deleting a key or a version did.
struct Deletion: Sendable {
    /// The version that was removed, or the marker that was made; nil when there was nothing to do.
    var version: VersionID?
    /// Whether that version is a delete marker.
    var isMarker = false
    /// Whether a marker was made, not removed.
    var madeMarker = false

    /// What a request to delete asks for.
    struct Order: Sendable {
        var version: VersionID?
        /// An entity tag that the object must have.
        var ifMatch: String?
        /// Whether `x-amz-bypass-governance-retention` was sent.
        var bypassesGovernance = false
    }

    /// Deletes as the bucket's versioning has it: for good, or behind a new delete marker. What is not there
    /// counts as deleted.
    static func run(
        _ order: Order, _ versions: Versions, _ bucket: BucketRecord, now: Timestamp,
        in transaction: Transaction
    ) throws -> Deletion {
        if let version = order.version {
            let record = try versions.find(version, in: transaction)
            try check(order.ifMatch, record, versions.key)
            guard let record else { return Deletion() }
            try LockProtection.check(record, now: now, bypassesGovernance: order.bypassesGovernance)
            try versions.remove(record, in: transaction)
            return Deletion(version: version, isMarker: record.isDeleteMarker)
        }
        let current = try versions.current(in: transaction)
        try check(order.ifMatch, current, versions.key)
        if bucket.versioning == .never {
            guard let current else { return Deletion() }
            try versions.remove(current, in: transaction)
            return Deletion(version: current.version)
        }
        let marker = try versions.add(
            ObjectRecord(deletedAt: now), versioning: bucket.versioning, in: transaction)
        return Deletion(version: marker.version, isMarker: true, madeMarker: true)
    }

    /// Tells whoever listens.
    func note(
        _ versions: Versions, _ bucket: BucketRecord, at time: Timestamp, by origin: ObjectEvent.Origin,
        in transaction: Transaction
    ) {
        guard version != nil else { return }
        let name = madeMarker ? "ObjectRemoved:DeleteMarkerCreated" : "ObjectRemoved:Delete"
        var event = ObjectEvent(name, versions, nil, bucket, at: time, by: origin)
        event.version = bucket.versioning == .enabled ? version?.text : nil
        event.note(bucket, in: transaction)
    }

    private static func check(
        _ ifMatch: String?, _ record: ObjectRecord?, _ key: [UInt8]
    ) throws(AWSError) {
        guard let ifMatch else { return }
        guard let record else {
            // `*` asks whether there is an object at all.
            throw ETag.unquoted(ifMatch) == "*" ? .preconditionFailed("If-Match") : .noSuchKey(key)
        }
        guard ETag.matches(ifMatch, record.etag) else { throw .preconditionFailed("If-Match") }
    }
}

/// Object Lock's veto.
enum LockProtection {
    /// - Throws: AccessDenied while a version may not be removed.
    static func check(
        _ record: ObjectRecord, now: Timestamp, bypassesGovernance: Bool
    ) throws(AWSError) {
        let lock = record.attributes.lock
        if lock.legalHold == true { throw denied }
        guard let retention = lock.retention, retention.until > now else { return }
        if retention.mode == .governance, bypassesGovernance { return }
        throw denied
    }

    static let denied = AWSError.accessDenied(
        "Access Denied because object protected by object lock.")
}

import AWSProtocol
import Bytes
import HTTPTypes
import Store

/// The one moment in which bytes that came in a single piece become the object under a key.
struct ObjectWrite: Sendable {
    var accepted: AcceptedBody
    var attributes: ObjectAttributes
    var conditions: WriteConditions
    /// The event's name, without `s3:`.
    var event: String

    /// Makes the newest version of the key, in one transaction.
    func commit(
        _ request: S3Request, _ core: ObjectsCore
    ) async throws -> (record: ObjectRecord, bucket: BucketRecord) {
        let versions = Versions(bucket: request.bucket, key: request.key)
        let now = request.context.now
        let origin = ObjectEvent.Origin(request)
        let wish = try EncryptionWish(request)
        return try await core.store.commit { transaction in
            let body = ObjectsCore.attach(accepted.prepared, in: transaction)
            let bucket = try core.bucket(versions.bucket, in: transaction)
            if !conditions.isEmpty {
                try conditions.check(try versions.current(in: transaction), key: versions.key)
            }
            var attributes = attributes
            attributes.lock = try attributes.lock.granted(by: bucket, at: now)
            attributes.encryption = try wish.resolved(in: bucket, core)
            let record = try versions.add(
                ObjectRecord(
                    size: accepted.length, etag: attributes.encryption.entityTag(md5: accepted.md5),
                    lastModified: now, attributes: attributes, checksum: accepted.checksum, body: body),
                versioning: bucket.versioning, in: transaction)
            ObjectEvent(event, versions, record, bucket, at: now, by: origin).note(bucket, in: transaction)
            return (record, bucket)
        }
    }
}

extension HTTPHeaders {
    /// Tells which version was written. While versioning is suspended S3 says nothing.
    mutating func add(versionOf record: ObjectRecord, in bucket: BucketRecord) {
        if bucket.versioning == .enabled { add("x-amz-version-id", record.version.text) }
    }
}

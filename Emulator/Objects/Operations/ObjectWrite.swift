import Bytes
import HTTPTypes

/// The one moment in which bytes that came in a single piece become the object under a key.
enum ObjectWrite {
    /// Replaces what is there, with its body, in one transaction. Returns the entity tag.
    static func commit(
        _ accepted: AcceptedBody, _ attributes: ObjectAttributes, _ conditions: WriteConditions,
        _ request: S3Request, _ core: ObjectsCore
    ) async throws -> String {
        let (bucket, key, now) = (request.bucket, request.key, request.context.now)
        let etag = Hex.encode(accepted.md5)
        try await core.store.commit { transaction in
            let body = ObjectsCore.attach(accepted.prepared, in: transaction)
            let current = try core.object(bucket, key, in: transaction)
            try conditions.check(current, key: key)
            if let current { ObjectsCore.release(current.body, in: transaction) }
            let record = ObjectRecord(
                size: accepted.length, etag: etag, lastModified: now, attributes: attributes,
                checksum: accepted.checksum, body: body)
            transaction.put(.objects, StorageKeys.object(bucket, key), record.encoded())
        }
        return etag
    }
}

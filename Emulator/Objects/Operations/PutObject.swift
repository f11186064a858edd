import AWSProtocol
import Bytes
import HTTPTypes

/// PUT /bucket/key.
enum PutObject {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let (bucket, key) = (request.bucket, request.key)
        let attributes = try AttributeReader.read(from: request)
        let conditions = try WriteConditions(request)
        let claim = try BodyClaim.read(from: request)
        try core.store.read { snapshot in
            let current = try core.object(bucket, key, in: snapshot)
            try conditions.check(current, key: key)
        }
        let accepted = try await core.accept(request.http.body, claim)
        let now = request.context.now
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
        var headers = HTTPHeaders([("ETag", ETag.quoted(etag)), ObjectHeaders.encryption])
        ObjectHeaders.add(accepted.checksum, to: &headers)
        return HTTPResponse(status: 200, headers: headers)
    }
}

import AWSProtocol
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
        let etag = try await ObjectWrite.commit(accepted, attributes, conditions, request, core)
        var headers = HTTPHeaders([("ETag", ETag.quoted(etag)), ObjectHeaders.encryption])
        ObjectHeaders.add(accepted.checksum, to: &headers)
        return HTTPResponse(status: 200, headers: headers)
    }
}

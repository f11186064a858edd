import AWSProtocol
import HTTPTypes

/// PUT /bucket?cors: replaces the bucket's rules.
enum PutBucketCors {
    private static let shape = DocumentShape(
        "CORSConfiguration", [.list("CORSRule", CORSRule.shape, 1...100)])

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        _ = try core.store.read { try core.bucket(request.bucket, in: $0) }
        let tree = try shape.read(try DigestRequired.document(of: request))
        let rules = tree.all("CORSRule").map { CORSRule($0) }
        for rule in rules { try rule.validate() }
        try await core.changeBucket(request.bucket) { $0.cors = rules }
        return HTTPResponse(status: 200)
    }
}

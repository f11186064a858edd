import AWSProtocol
import HTTPTypes

/// GET /bucket?policy: the policy as it was put.
enum GetBucketPolicy {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let record = try core.store.read { try core.bucket(request.bucket, in: $0) }
        guard let policy = record.documents[.policy] else { throw missing(request.bucket) }
        return HTTPResponse(
            status: 200, headers: ["Content-Type": "application/json"], body: .bytes(policy))
    }

    static func missing(_ bucket: String) -> AWSError {
        AWSError(
            code: "NoSuchBucketPolicy", status: 404, message: "The bucket policy does not exist",
            elements: [("BucketName", bucket)])
    }
}

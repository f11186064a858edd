import AWSProtocol
import HTTPTypes

/// PUT /bucket?object-lock: switches Object Lock on, which is never off again, or changes the default retention.
enum PutObjectLockConfiguration {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let configuration = try ObjectLockConfiguration(document: try DigestRequired.document(of: request))
        try await core.changeBucket(request.bucket) { record in
            guard record.versioning == .enabled else {
                throw AWSError(
                    code: "InvalidBucketState", status: 409,
                    message: "Versioning must be 'Enabled' on the bucket to apply a Object Lock "
                        + "configuration")
            }
            record.documents[.objectLock] = configuration.encoded()
        }
        return HTTPResponse(status: 200)
    }
}

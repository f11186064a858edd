import HTTPTypes

/// DELETE /bucket?policy: also fine when there is none.
enum DeleteBucketPolicy {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await core.changeBucket(request.bucket) { $0.documents[.policy] = nil }
        return HTTPResponse(status: 204)
    }
}

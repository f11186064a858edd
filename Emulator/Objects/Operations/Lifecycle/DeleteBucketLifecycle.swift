import HTTPTypes

/// DELETE /bucket?lifecycle: also fine when there are no rules.
enum DeleteBucketLifecycle {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await core.changeBucket(request.bucket) { $0.documents[.lifecycle] = nil }
        return HTTPResponse(status: 204)
    }
}

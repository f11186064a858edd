import HTTPTypes

/// DELETE /bucket?cors: also fine when there are no rules.
enum DeleteBucketCors {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await core.changeBucket(request.bucket) { $0.cors = [] }
        return HTTPResponse(status: 204)
    }
}

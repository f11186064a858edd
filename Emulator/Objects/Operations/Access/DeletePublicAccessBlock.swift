import HTTPTypes

/// DELETE /bucket?publicAccessBlock: nothing is blocked any more.
enum DeletePublicAccessBlock {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await core.changeBucket(request.bucket) { $0.publicAccessBlock = nil }
        return HTTPResponse(status: 204)
    }
}

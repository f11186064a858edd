import HTTPTypes

/// DELETE /bucket?ownershipControls: access control lists count, and objects are their writers'.
enum DeleteBucketOwnershipControls {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await core.changeBucket(request.bucket) { $0.objectOwnership = nil }
        return HTTPResponse(status: 204)
    }
}

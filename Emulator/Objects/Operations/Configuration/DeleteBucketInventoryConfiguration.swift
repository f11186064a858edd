import HTTPTypes

/// DELETE /bucket?inventory&id=: an id without configuration is an error.
enum DeleteBucketInventoryConfiguration {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await PutBucketInventoryConfiguration.configurations.delete(request, core)
    }
}

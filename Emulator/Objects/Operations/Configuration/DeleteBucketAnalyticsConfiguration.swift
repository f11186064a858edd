import HTTPTypes

/// DELETE /bucket?analytics&id=: an id without configuration is an error.
enum DeleteBucketAnalyticsConfiguration {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await PutBucketAnalyticsConfiguration.configurations.delete(request, core)
    }
}

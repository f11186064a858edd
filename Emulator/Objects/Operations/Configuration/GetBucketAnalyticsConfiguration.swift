import HTTPTypes

/// GET /bucket?analytics&id=.
enum GetBucketAnalyticsConfiguration {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try PutBucketAnalyticsConfiguration.configurations.get(request, core)
    }
}

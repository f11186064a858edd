import HTTPTypes

/// GET /bucket?analytics: all of them, in pages.
enum ListBucketAnalyticsConfigurations {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try PutBucketAnalyticsConfiguration.configurations.list(request, core)
    }
}

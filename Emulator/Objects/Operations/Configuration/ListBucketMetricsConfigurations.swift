import HTTPTypes

/// GET /bucket?metrics: all of them, in pages.
enum ListBucketMetricsConfigurations {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try PutBucketMetricsConfiguration.configurations.list(request, core)
    }
}

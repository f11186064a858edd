import HTTPTypes

/// GET /bucket?metrics&id=.
enum GetBucketMetricsConfiguration {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try PutBucketMetricsConfiguration.configurations.get(request, core)
    }
}

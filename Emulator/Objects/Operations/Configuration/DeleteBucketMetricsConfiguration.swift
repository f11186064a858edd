import HTTPTypes

/// DELETE /bucket?metrics&id=: an id without configuration is an error.
enum DeleteBucketMetricsConfiguration {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await PutBucketMetricsConfiguration.configurations.delete(request, core)
    }
}

import HTTPTypes

/// GET /bucket?accelerate: an empty document before the first setting.
enum GetBucketAccelerateConfiguration {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try PutBucketAccelerateConfiguration.configuration.get(request, core)
    }
}

import HTTPTypes

/// GET /bucket?inventory&id=.
enum GetBucketInventoryConfiguration {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try PutBucketInventoryConfiguration.configurations.get(request, core)
    }
}

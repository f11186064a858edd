import HTTPTypes

/// GET /bucket?inventory: all of them, in pages.
enum ListBucketInventoryConfigurations {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try PutBucketInventoryConfiguration.configurations.list(request, core)
    }
}

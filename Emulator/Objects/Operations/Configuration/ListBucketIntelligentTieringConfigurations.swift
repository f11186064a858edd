import HTTPTypes

/// GET /bucket?intelligent-tiering: all of them, in pages.
enum ListBucketIntelligentTieringConfigurations {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try PutBucketIntelligentTieringConfiguration.configurations.list(request, core)
    }
}

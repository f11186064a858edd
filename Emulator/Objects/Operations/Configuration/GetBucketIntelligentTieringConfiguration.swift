import HTTPTypes

/// GET /bucket?intelligent-tiering&id=.
enum GetBucketIntelligentTieringConfiguration {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try PutBucketIntelligentTieringConfiguration.configurations.get(request, core)
    }
}

import HTTPTypes

/// DELETE /bucket?intelligent-tiering&id=: an id without configuration is an error.
enum DeleteBucketIntelligentTieringConfiguration {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await PutBucketIntelligentTieringConfiguration.configurations.delete(request, core)
    }
}

import HTTPTypes

/// DELETE /bucket?website: fine without any as well.
enum DeleteBucketWebsite {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await PutBucketWebsite.configuration.delete(request, core)
    }
}

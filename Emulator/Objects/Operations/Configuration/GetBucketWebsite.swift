import HTTPTypes

/// GET /bucket?website.
enum GetBucketWebsite {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try PutBucketWebsite.configuration.get(request, core)
    }
}

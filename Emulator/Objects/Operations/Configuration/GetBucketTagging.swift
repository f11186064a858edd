import HTTPTypes

/// GET /bucket?tagging.
enum GetBucketTagging {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try PutBucketTagging.configuration.get(request, core)
    }
}

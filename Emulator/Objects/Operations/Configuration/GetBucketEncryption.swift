import HTTPTypes

/// GET /bucket?encryption: the rule for new objects, S3's own keys unless something else was put.
enum GetBucketEncryption {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try PutBucketEncryption.configuration.get(request, core)
    }
}

import HTTPTypes

/// GET /bucket?logging: an empty document while nothing is logged.
enum GetBucketLogging {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try PutBucketLogging.configuration.get(request, core)
    }
}

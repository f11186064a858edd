import HTTPTypes

/// GET /bucket?replication.
enum GetBucketReplication {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try PutBucketReplication.configuration.get(request, core)
    }
}

import HTTPTypes

/// DELETE /bucket?replication: fine without any as well.
enum DeleteBucketReplication {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await PutBucketReplication.configuration.delete(request, core)
    }
}

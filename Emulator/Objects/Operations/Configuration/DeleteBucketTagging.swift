import HTTPTypes

/// DELETE /bucket?tagging: fine without any as well.
enum DeleteBucketTagging {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await PutBucketTagging.configuration.delete(request, core)
    }
}

import HTTPTypes

/// DELETE /bucket?encryption: back to keys of S3's own.
enum DeleteBucketEncryption {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await PutBucketEncryption.configuration.delete(request, core)
    }
}

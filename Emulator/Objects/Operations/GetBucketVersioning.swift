import HTTPTypes

/// GET /bucket?versioning: an empty document, since no bucket here was ever versioned.
enum GetBucketVersioning {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        _ = try core.store.read { try core.bucket(request.bucket, in: $0) }
        return ObjectsCore.xml("VersioningConfiguration") { _ in }
    }
}

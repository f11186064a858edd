import HTTPTypes

/// GET /bucket?versioning: an empty document when versioning was never switched on.
enum GetBucketVersioning {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let record = try core.store.read { try core.bucket(request.bucket, in: $0) }
        return ObjectsCore.xml("VersioningConfiguration") { xml in
            switch record.versioning {
            case .never: break
            case .enabled: xml.text("Status", "Enabled")
            case .suspended: xml.text("Status", "Suspended")
            }
        }
    }
}

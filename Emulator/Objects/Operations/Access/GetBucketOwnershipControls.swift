import AWSProtocol
import HTTPTypes

/// GET /bucket?ownershipControls.
enum GetBucketOwnershipControls {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let record = try core.store.read { try core.bucket(request.bucket, in: $0) }
        guard let ownership = record.objectOwnership else {
            throw AWSError.notConfigured(
                "OwnershipControlsNotFoundError", "The bucket ownership controls were not found",
                bucket: request.bucket)
        }
        return ObjectsCore.xml("OwnershipControls") { xml in
            xml.element("Rule") { $0.text("ObjectOwnership", ownership.rawValue) }
        }
    }
}

import AWSProtocol
import HTTPTypes

/// GET /bucket?ownershipControls.
enum GetBucketOwnershipControls {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let record = try core.store.read { try core.bucket(request.bucket, in: $0) }
        guard let ownership = record.objectOwnership else {
            throw AWSError(
                code: "OwnershipControlsNotFoundError", status: 404,
                message: "The bucket ownership controls were not found",
                elements: [("BucketName", request.bucket)])
        }
        return ObjectsCore.xml("OwnershipControls") { xml in
            xml.element("Rule") { $0.text("ObjectOwnership", ownership.rawValue) }
        }
    }
}

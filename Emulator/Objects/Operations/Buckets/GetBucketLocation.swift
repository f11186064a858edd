import AWSProtocol
import HTTPTypes

/// GET /bucket?location: empty in the oldest region.
enum GetBucketLocation {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let record = try core.store.read { try core.bucket(request.bucket, in: $0) }
        var writer = XMLWriter()
        if record.region == "us-east-1" {
            writer.element("LocationConstraint", namespace: ObjectsCore.xmlNamespace)
        } else {
            writer.text("LocationConstraint", record.region, namespace: ObjectsCore.xmlNamespace)
        }
        return ObjectsCore.answer(writer)
    }
}

import AWSProtocol
import HTTPTypes

/// GET /bucket?publicAccessBlock.
enum GetPublicAccessBlock {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let record = try core.store.read { try core.bucket(request.bucket, in: $0) }
        guard let block = record.publicAccessBlock else {
            throw AWSError.notConfigured(
                "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found",
                bucket: request.bucket)
        }
        return ObjectsCore.xml("PublicAccessBlockConfiguration") { xml in
            xml.text("BlockPublicAcls", block.blockPublicAcls)
            xml.text("IgnorePublicAcls", block.ignorePublicAcls)
            xml.text("BlockPublicPolicy", block.blockPublicPolicy)
            xml.text("RestrictPublicBuckets", block.restrictPublicBuckets)
        }
    }
}

import AWSProtocol
import HTTPTypes

/// PUT /bucket?versioning: on or suspended; what was on once is never off again.
enum PutBucketVersioning {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let document = try DigestRequired.document(of: request, isRequired: false)
        guard let root = try? XMLReader.parse(document), root.name == "VersioningConfiguration" else {
            throw AWSError.malformedXML
        }
        let versioning: BucketRecord.Versioning
        switch root["Status"] {
        case "Enabled": versioning = .enabled
        case "Suspended": versioning = .suspended
        case nil:
            throw AWSError(
                code: "IllegalVersioningConfigurationException",
                message: "The Versioning element must be specified")
        default: throw AWSError.malformedXML
        }
        if root["MfaDelete"] == "Enabled" { throw AWSError.notImplementedHeader("x-amz-mfa") }
        try await core.changeBucket(request.bucket) { record in
            if versioning == .suspended, record.documents[.objectLock] != nil {
                throw AWSError(
                    code: "InvalidBucketState", status: 409,
                    message: "An Object Lock configuration is present on this bucket, so the versioning "
                        + "state cannot be changed.")
            }
            record.versioning = versioning
        }
        return HTTPResponse(status: 200)
    }
}

import AWSProtocol
import HTTPTypes

/// PUT /bucket?ownershipControls: exactly one rule.
enum PutBucketOwnershipControls {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let document = try DigestRequired.document(of: request)
        guard let root = try? XMLReader.parse(document), root.name == "OwnershipControls",
            root.children.count == 1, let rule = root.child("Rule"), rule.children.count == 1,
            let ownership = ObjectOwnership(rawValue: rule["ObjectOwnership"] ?? "")
        else { throw AWSError.malformedXML }
        try await core.changeBucket(request.bucket) { record in
            if ownership == .bucketOwnerEnforced, let list = try BucketAccess(record).list, !list.isPrivate {
                throw AWSError.aclWithOwnership
            }
            record.objectOwnership = ownership
        }
        return HTTPResponse(status: 200)
    }
}

extension AWSError {
    static let aclWithOwnership = AWSError(
        code: "InvalidBucketAclWithObjectOwnership",
        message: "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")
}

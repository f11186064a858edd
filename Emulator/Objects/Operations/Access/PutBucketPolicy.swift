import AWSProtocol
import HTTPTypes

/// PUT /bucket?policy: replaces the policy.
enum PutBucketPolicy {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let document = try DigestRequired.document(of: request, isRequired: false)
        let name = request.bucket
        let caller = core.caller(request.context.identity)
        _ = try core.store.read { try core.bucket(name, in: $0) }
        let policy = try PolicyReader.read(document)
        try PolicyCheck(bucket: name).check(policy)
        try await core.changeBucket(name) { record in
            if policy.isPublic, record.publicAccessBlock?.blockPublicPolicy == true {
                throw AWSError.accessDenied(
                    "User: \(caller.arn ?? "anonymous") is not authorized to perform: s3:PutBucketPolicy on "
                        + "resource: \"arn:aws:s3:::\(name)\" because public policies are blocked by the "
                        + "BlockPublicPolicy block public access setting.")
            }
            record.documents[.policy] = document
        }
        return HTTPResponse(status: 204)
    }
}

import AWSProtocol
import HTTPTypes

/// PUT /bucket?acl: replaces the bucket's access control list.
enum PutBucketAcl {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let name = request.bucket
        _ = try core.store.read { try core.bucket(name, in: $0) }
        let requested = try RequestedACL(
            request, try DigestRequired.document(of: request, isRequired: false), .bucket, owner: core.ownerID
        )
        let caller = core.caller(request.context.identity)
        try await core.changeBucket(name) { record in
            try requested.check(
                try BucketAccess(record), "PutBucketAcl", on: "arn:aws:s3:::\(name)", by: caller)
            record.documents[.accessControlList] = requested.stored.isEmpty ? nil : requested.stored
        }
        return HTTPResponse(status: 200)
    }
}

import HTTPTypes

/// GET /bucket?policyStatus: whether the policy opens the bucket to the world.
enum GetBucketPolicyStatus {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let record = try core.store.read { try core.bucket(request.bucket, in: $0) }
        guard let document = record.documents[.policy] else { throw GetBucketPolicy.missing(request.bucket) }
        let isPublic = try PolicyReader.read(document).isPublic
        return ObjectsCore.xml("PolicyStatus") { $0.text("IsPublic", isPublic) }
    }
}

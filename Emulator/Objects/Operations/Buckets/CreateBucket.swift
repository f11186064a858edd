import AWSProtocol
import HTTPTypes

/// PUT /bucket.
enum CreateBucket {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let name = request.bucket
        guard BucketName.isValid(name) else { throw AWSError.invalidBucketName(name) }
        try checkNamespace(request)
        let isLocked = request.header("x-amz-bucket-object-lock-enabled")?.lowercased() == "true"
        let ownership = try ownership(of: request)
        let requested = try RequestedACL(headersOf: request, .bucket, owner: core.ownerID)
        let caller = core.caller(request.context.identity)
        let endpointRegion = request.context.signature?.scope.region ?? core.configuration.region
        let wanted = try NewBucket(try request.document(), endpointRegion: endpointRegion)
        let now = request.context.now
        try await core.store.commit { transaction in
            let key = StorageKeys.bucket(name)
            if let old = try transaction.get(.objects, key) {
                let old = try BucketRecord(decoding: old)
                let record = try recreated(old, name, wanted, requested, by: caller)
                transaction.put(.objects, key, record.encoded())
                return
            }
            var record = BucketRecord(newAt: now, region: wanted.region)
            record.objectOwnership = ownership
            let list = try list(requested, ownership)
            if let tags = PutBucketTagging.tree(of: wanted.tags) {
                record.documents[.tagging] = BucketConfiguration.document(tags)
            }
            if isLocked, record.documents[.objectLock] == nil {
                record.versioning = .enabled
                record.documents[.objectLock] = ObjectLockConfiguration().encoded()
            }
            record.documents[.accessControlList] = list
            transaction.put(.objects, key, record.encoded())
        }
        let location = wanted.region == "us-east-1" ? "/\(name)" : "http://\(name).s3.amazonaws.com/"
        return HTTPResponse(
            status: 200, headers: ["Location": location, "x-amz-bucket-arn": "arn:aws:s3:::\(name)"])
    }

    /// The oldest region alone lets an owner create a bucket twice. Only its access control list is new then, and
    /// the bucket as it is decides whether it takes it, whatever the request says of a new one. All else has
    /// operations, and permissions, of its own.
    @Sendable private static func recreated(
        _ old: BucketRecord, _ name: String, _ wanted: NewBucket, _ requested: RequestedACL?,
        by caller: PolicyCaller
    ) throws -> BucketRecord {
        guard old.region == "us-east-1", wanted.region == old.region, wanted.tags.isEmpty else {
            throw AWSError(
                code: "BucketAlreadyOwnedByYou", status: 409,
                message: "Your previous request to create the named bucket succeeded and you already own it.",
                elements: [("BucketName", name)])
        }
        var record = old
        // What the owner of a bucket has anyhow may always be said.
        if let requested, !requested.list.isPrivate {
            try requested.check(
                try BucketAccess(old), "CreateBucket", on: "arn:aws:s3:::\(name)", by: caller)
        }
        let list = requested?.stored ?? []
        record.documents[.accessControlList] = list.isEmpty ? nil : list
        return record
    }

    /// Names in the account's own namespace end with account and region (Amazon S3 User Guide, "Namespaces for
    /// general purpose buckets").
    private static func checkNamespace(_ request: S3Request) throws(AWSError) {
        guard let namespace = request.header("x-amz-bucket-namespace"), namespace != "global" else { return }
        guard namespace == "account-regional" else {
            throw .invalidArgument(
                "Invalid x-amz-bucket-namespace header: \(namespace)", name: "x-amz-bucket-namespace",
                value: namespace)
        }
        let context = request.context
        guard request.bucket.hasSuffix("-\(context.accountID)-\(context.region)-an") else {
            throw .invalidBucketName(request.bucket)
        }
    }

    private static func ownership(of request: S3Request) throws(AWSError) -> ObjectOwnership {
        guard let name = request.header("x-amz-object-ownership") else { return .bucketOwnerEnforced }
        guard let ownership = ObjectOwnership(rawValue: name) else {
            throw .invalidArgument(
                "Invalid x-amz-object-ownership header: \(name)", name: "x-amz-object-ownership", value: nil)
        }
        return ownership
    }

    /// The access control list to store, nil for none. Whatever is new is closed to the public, so a public
    /// list cannot be.
    private static func list(
        _ requested: RequestedACL?, _ ownership: ObjectOwnership
    ) throws(AWSError) -> [UInt8]? {
        guard let requested, !requested.list.isPrivate else { return nil }
        if ownership == .bucketOwnerEnforced { throw .aclWithOwnership }
        guard !requested.list.isPublic else {
            throw AWSError(
                code: "InvalidBucketAclWithBlockPublicAccessError",
                message: "Bucket cannot have public ACLs set with BlockPublicAccess enabled")
        }
        return requested.stored
    }
}

import AWSProtocol
import HTTPTypes

/// What a caller has to be permitted for an operation (Amazon S3 User Guide, "Required permissions for Amazon S3
/// API operations").
enum RequiredDeeds {
    /// Actions that are not called as their operations.
    private static let actions: [String: String] = [
        "HeadObject": "GetObject", "CopyObject": "PutObject", "CreateMultipartUpload": "PutObject",
        "UploadPart": "PutObject", "UploadPartCopy": "PutObject", "CompleteMultipartUpload": "PutObject",
        "RenameObject": "PutObject", "ListParts": "ListMultipartUploadParts", "HeadBucket": "ListBucket",
        "ListObjects": "ListBucket", "ListObjectsV2": "ListBucket",
        "ListObjectVersions": "ListBucketVersions", "ListMultipartUploads": "ListBucketMultipartUploads",
        "SelectObjectContent": "GetObject", "PutBucketCors": "PutBucketCORS",
        "GetBucketCors": "GetBucketCORS", "DeleteBucketCors": "PutBucketCORS",
        "DeleteBucketTagging": "PutBucketTagging", "PutBucketEncryption": "PutEncryptionConfiguration",
        "GetBucketEncryption": "GetEncryptionConfiguration",
        "DeleteBucketEncryption": "PutEncryptionConfiguration",
        "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
        "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
        "DeleteBucketLifecycle": "PutLifecycleConfiguration",
        "PutBucketReplication": "PutReplicationConfiguration",
        "GetBucketReplication": "GetReplicationConfiguration",
        "DeleteBucketReplication": "PutReplicationConfiguration",
        "PutBucketNotificationConfiguration": "PutBucketNotification",
        "GetBucketNotificationConfiguration": "GetBucketNotification",
        "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
        "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
        "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
        "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
        "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
        "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
        "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
        "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    ]

    /// Configurations of which a bucket has several: their operations are called alike.
    private static let kinds = ["Analytics", "Inventory", "Metrics", "IntelligentTiering"]

    /// Actions that are other ones when a version is named.
    private static let versioned: [String: String] = [
        "GetObject": "GetObjectVersion", "DeleteObject": "DeleteObjectVersion",
        "GetObjectAcl": "GetObjectVersionAcl", "PutObjectAcl": "PutObjectVersionAcl",
        "GetObjectTagging": "GetObjectVersionTagging", "PutObjectTagging": "PutObjectVersionTagging",
        "DeleteObjectTagging": "DeleteObjectVersionTagging",
        "GetObjectAttributes": "GetObjectVersionAttributes",
    ]

    /// Operations that write an object with what their headers say of it.
    static let writes: Set<String> = ["PutObject", "CopyObject", "CreateMultipartUpload"]

    /// The action that an operation is, without `s3:`.
    static func action(of operation: String) -> String {
        if let action = actions[operation] { return action }
        for kind in kinds where operation.hasSuffix("Bucket\(kind)Configuration") {
            return operation.hasPrefix("Put") || operation.hasPrefix("Delete")
                ? "Put\(kind)Configuration" : "Get\(kind)Configuration"
        }
        for kind in kinds where operation == "ListBucket\(kind)Configurations" {
            return "Get\(kind)Configuration"
        }
        return operation
    }

    /// All that must be permitted in the bucket that the request names.
    static func deeds(_ operation: Operation, _ request: S3Request) -> [Access.Deed] {
        let action = action(of: operation.name)
        guard operation.level == .object else { return [Access.Deed(action)] }
        let key = request.key
        let version = request.value("versionId").flatMap { VersionID($0) }
        var deeds = [deed(action, key, version)]
        if operation.name == "GetObjectAttributes" { deeds.append(deed("GetObject", key, version)) }
        if writes.contains(operation.name) {
            deeds += writeDeeds(request)
        }
        return deeds + bypass(key, version, request)
    }

    /// What the deletion of one of many keys takes.
    static func deletion(_ key: [UInt8], _ version: VersionID?, _ request: S3Request) -> [Access.Deed] {
        [deed("DeleteObject", key, version)] + bypass(key, version, request)
    }

    private static func bypass(_ key: [UInt8], _ version: VersionID?, _ request: S3Request) -> [Access.Deed] {
        guard request.header("x-amz-bypass-governance-retention")?.lowercased() == "true" else { return [] }
        return [Access.Deed("BypassGovernanceRetention", key: key, version: version)]
    }

    static func deed(_ action: String, _ key: [UInt8], _ version: VersionID?) -> Access.Deed {
        let name = version == nil ? action : versioned[action] ?? action
        return Access.Deed(name, key: key, version: version)
    }

    /// What writing an object takes beside PutObject.
    static func writeDeeds(_ request: S3Request) -> [Access.Deed] {
        writeActions(request).map { action in
            var deed = Access.Deed(action, key: request.key)
            deed.isOfUpload = true
            return deed
        }
    }

    private static func writeActions(_ request: S3Request) -> [String] {
        var actions: [String] = []
        if request.header("x-amz-tagging") != nil { actions.append("PutObjectTagging") }
        if RequestedACL.isAny(in: request) { actions.append("PutObjectAcl") }
        if request.header("x-amz-object-lock-mode") != nil { actions.append("PutObjectRetention") }
        if request.header("x-amz-object-lock-legal-hold") != nil { actions.append("PutObjectLegalHold") }
        return actions
    }
}

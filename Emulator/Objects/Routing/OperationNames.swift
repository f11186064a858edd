import AWSProtocol

/// What AWS calls the operations on sub-resources (Amazon S3 API Reference, "Actions"), served or not: it tells
/// which names in a query select a sub-resource, and a refusal what is missing.
enum OperationNames {
    private typealias Methods = [String: String]

    private static let ofBuckets: [String: Methods] = [
        "abac": ["GET": "GetBucketAbac", "PUT": "PutBucketAbac"],
        "accelerate": [
            "GET": "GetBucketAccelerateConfiguration", "PUT": "PutBucketAccelerateConfiguration",
        ],
        "acl": ["GET": "GetBucketAcl", "PUT": "PutBucketAcl"],
        "analytics": configuration("BucketAnalyticsConfiguration"),
        "cors": ["GET": "GetBucketCors", "PUT": "PutBucketCors", "DELETE": "DeleteBucketCors"],
        "delete": ["POST": "DeleteObjects"],
        "encryption": configuration("BucketEncryption"),
        "intelligent-tiering": configuration("BucketIntelligentTieringConfiguration"),
        "inventory": configuration("BucketInventoryConfiguration"),
        "lifecycle": [
            "GET": "GetBucketLifecycleConfiguration", "PUT": "PutBucketLifecycleConfiguration",
            "DELETE": "DeleteBucketLifecycle",
        ],
        "location": ["GET": "GetBucketLocation"],
        "logging": ["GET": "GetBucketLogging", "PUT": "PutBucketLogging"],
        "metadataAnnotationTable": ["PUT": "UpdateBucketMetadataAnnotationTableConfiguration"],
        "metadataConfiguration": [
            "POST": "CreateBucketMetadataConfiguration", "GET": "GetBucketMetadataConfiguration",
            "DELETE": "DeleteBucketMetadataConfiguration",
        ],
        "metadataInventoryTable": ["PUT": "UpdateBucketMetadataInventoryTableConfiguration"],
        "metadataJournalTable": ["PUT": "UpdateBucketMetadataJournalTableConfiguration"],
        "metadataTable": [
            "POST": "CreateBucketMetadataTableConfiguration", "GET": "GetBucketMetadataTableConfiguration",
            "DELETE": "DeleteBucketMetadataTableConfiguration",
        ],
        "metrics": configuration("BucketMetricsConfiguration"),
        "notification": [
            "GET": "GetBucketNotificationConfiguration", "PUT": "PutBucketNotificationConfiguration",
        ],
        "object-lock": ["GET": "GetObjectLockConfiguration", "PUT": "PutObjectLockConfiguration"],
        "ownershipControls": configuration("BucketOwnershipControls"),
        "policy": configuration("BucketPolicy"),
        "policyStatus": ["GET": "GetBucketPolicyStatus"],
        "publicAccessBlock": configuration("PublicAccessBlock"),
        "replication": configuration("BucketReplication"),
        "requestPayment": ["GET": "GetBucketRequestPayment", "PUT": "PutBucketRequestPayment"],
        "session": ["GET": "CreateSession"],
        "tagging": configuration("BucketTagging"),
        "uploads": ["GET": "ListMultipartUploads"],
        "versioning": ["GET": "GetBucketVersioning", "PUT": "PutBucketVersioning"],
        "versions": ["GET": "ListObjectVersions"],
        "website": configuration("BucketWebsite"),
    ]

    private static let ofObjects: [String: Methods] = [
        "acl": ["GET": "GetObjectAcl", "PUT": "PutObjectAcl"],
        "annotation": configuration("ObjectAnnotation"),
        "attributes": ["GET": "GetObjectAttributes"],
        "encryption": ["PUT": "UpdateObjectEncryption"],
        "legal-hold": ["GET": "GetObjectLegalHold", "PUT": "PutObjectLegalHold"],
        "renameObject": ["PUT": "RenameObject"],
        "restore": ["POST": "RestoreObject"],
        "retention": ["GET": "GetObjectRetention", "PUT": "PutObjectRetention"],
        "select": ["POST": "SelectObjectContent"],
        "tagging": configuration("ObjectTagging"),
        "torrent": ["GET": "GetObjectTorrent"],
        "uploadId": [
            "GET": "ListParts", "PUT": "UploadPart", "POST": "CompleteMultipartUpload",
            "DELETE": "AbortMultipartUpload",
        ],
        "uploads": ["POST": "CreateMultipartUpload"],
    ]

    private static func configuration(_ noun: String) -> Methods {
        ["GET": "Get\(noun)", "PUT": "Put\(noun)", "DELETE": "Delete\(noun)"]
    }

    /// The names whose mere presence in a query selects a sub-resource.
    static let subresources: Set<String> = Set(ofBuckets.keys).union(ofObjects.keys)

    /// Why there is no operation for this method and sub-resource. It is not supported, or AWS has none.
    static func refusal(
        of method: String, _ level: Operation.Level, _ subresource: String, _ request: S3Request
    ) -> AWSError {
        guard let methods = (level == .object ? ofObjects : ofBuckets)[subresource] else {
            return .notImplementedHeader(subresource)
        }
        guard var name = methods[method] else {
            let allow = allowedInS3sOrder[subresource] ?? methods.keys.sorted().joined(separator: ", ")
            return .methodNotAllowed(method, level.rawValue, allow: allow)
        }
        if subresource == "annotation", method == "GET", !request.has("annotationName") {
            name = "ListObjectAnnotations"
        }
        return .unsupported(name)
    }

    /// What the `Allow` header says where S3 keeps another order, or counts in what it has for objects.
    private static let allowedInS3sOrder = ["uploads": "POST, GET", "uploadId": "DELETE, POST, GET"]
}

extension AWSError {
    /// S3's code for what it does not do, with the operation's name.
    static func unsupported(_ operation: String) -> AWSError {
        AWSError(
            code: "NotImplemented", status: 501,
            message: "\(operation) is not supported by this emulator.")
    }
}

import AWSProtocol
import HTTPTypes

/// PUT /bucket?inventory&id=: which lists of objects would be written.
enum PutBucketInventoryConfiguration {
    static let configurations = NamedConfigurations(
        kind: .inventory,
        shape: DocumentShape(
            "InventoryConfiguration",
            [
                .required(
                    "Destination",
                    .children([
                        .required(
                            "S3BucketDestination",
                            .children([
                                .optional("AccountId", .text), .required("Bucket", .text),
                                .required("Format", .word(["CSV", "ORC", "Parquet"])),
                                .optional("Prefix", .text),
                                .optional(
                                    "Encryption",
                                    .children([
                                        .optional("SSE-KMS", .children([.required("KeyId", .text)])),
                                        .optional("SSE-S3", .children([])),
                                    ])),
                            ]))
                    ])),
                .required("IsEnabled", .flag),
                .optional("Filter", .children([.required("Prefix", .text)])),
                .required("Id", .text),
                .required("IncludedObjectVersions", .word(["All", "Current"])),
                .optional("OptionalFields", .children([.list("Field", .word(fields), 0...fields.count)])),
                .required("Schedule", .children([.required("Frequency", .word(["Daily", "Weekly"]))])),
            ]),
        listRoot: "ListInventoryConfigurationsResult", mismatch: .named)

    private static let fields: Set<String> = [
        "Size", "LastModifiedDate", "StorageClass", "ETag", "IsMultipartUploaded", "ReplicationStatus",
        "EncryptionStatus", "ObjectLockRetainUntilDate", "ObjectLockMode", "ObjectLockLegalHoldStatus",
        "IntelligentTieringAccessTier", "BucketKeyStatus", "ChecksumAlgorithm", "ObjectAccessControlList",
        "ObjectOwner", "LifecycleExpirationDate", "IntelligentTieringReferenceDate",
    ]

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await configurations.put(request, core) { tree throws(AWSError) in
            let bucket = tree.descendant("Destination", "S3BucketDestination")?["Bucket"] ?? ""
            guard BucketARN.bucket(of: bucket) != nil else {
                throw AWSError(code: "InvalidS3DestinationBucket", message: "Invalid bucket ARN.")
            }
        }
    }
}

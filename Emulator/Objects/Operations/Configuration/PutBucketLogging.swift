import AWSProtocol
import HTTPTypes

/// PUT /bucket?logging: where access logs would go; an empty document switches them off. No logs are written.
enum PutBucketLogging {
    static let configuration = BucketConfiguration(
        kind: .logging,
        shape: DocumentShape(
            "BucketLoggingStatus",
            [
                .optional(
                    "LoggingEnabled",
                    .children([
                        .required("TargetBucket", .text),
                        .optional("TargetPrefix", .text),
                        .optional("TargetGrants", .children([.list("Grant", grant, 0...100)])),
                        .optional(
                            "TargetObjectKeyFormat",
                            .children([
                                .optional("SimplePrefix", .children([])),
                                .optional(
                                    "PartitionedPrefix",
                                    .children([
                                        .optional(
                                            "PartitionDateSource", .word(["EventTime", "DeliveryTime"]))
                                    ])),
                            ])),
                    ]))
            ]),
        absence: .document([]), needsDigest: false)

    private static let grant = ElementShape.children([
        .required(
            "Grantee",
            .typed(
                ["CanonicalUser", "AmazonCustomerByEmail", "Group"],
                [
                    .optional("ID", .text), .optional("DisplayName", .text),
                    .optional("EmailAddress", .text), .optional("URI", .text),
                ])),
        .required("Permission", .word(["FULL_CONTROL", "READ", "WRITE"])),
    ])

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await configuration.put(request, core) { tree, bucket, snapshot in
            guard let logging = tree.child("LoggingEnabled") else { return nil }
            let name = logging["TargetBucket"] ?? ""
            guard let bytes = try snapshot.get(.objects, StorageKeys.bucket(name)) else {
                throw AWSError(
                    code: "InvalidTargetBucketForLogging",
                    message: "The target bucket for logging does not exist",
                    elements: [("TargetBucket", name)])
            }
            let target = try BucketRecord(decoding: bytes)
            guard target.region == bucket.region else {
                throw AWSError(
                    code: "CrossLocationLoggingProhibitted", status: 403,
                    message: "Cross S3 location logging not allowed. ",
                    elements: [
                        ("SourceBucketLocation", bucket.region), ("TargetBucketLocation", target.region),
                    ])
            }
            if logging.child("TargetPrefix") != nil { return tree }
            var children = logging.children
            children.insert(XMLElement(name: "TargetPrefix"), at: 1)
            return XMLElement(
                name: tree.name, children: [XMLElement(name: "LoggingEnabled", children: children)])
        }
    }
}

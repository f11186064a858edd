import AWSProtocol
import Bytes
import HTTPTypes

/// PUT /bucket?replication: where copies would go. Stored and judged; nothing is copied.
enum PutBucketReplication {
    static let configuration = BucketConfiguration(
        kind: .replication,
        shape: DocumentShape(
            "ReplicationConfiguration", [.required("Role", .text), .list("Rule", rule, 1...1000)]),
        absence: .error(
            code: "ReplicationConfigurationNotFoundError",
            message: "The replication configuration was not found"))

    private static let status = ElementShape.children([.required("Status", .status)])
    private static let minutes = ElementShape.children([.required("Minutes", .integer)])
    private static let rule = ElementShape.children([
        .optional("ID", .text), .optional("Priority", .integer), .optional("Prefix", .text),
        .optional("Filter", FilterShape.filter()), .required("Status", .status),
        .optional(
            "SourceSelectionCriteria",
            .children([
                .optional("SseKmsEncryptedObjects", status), .optional("ReplicaModifications", status),
            ])),
        .optional("ExistingObjectReplication", status),
        .required(
            "Destination",
            .children([
                .required("Bucket", .text), .optional("Account", .text),
                .optional(
                    "StorageClass",
                    .word([
                        "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING",
                        "GLACIER", "DEEP_ARCHIVE", "OUTPOSTS", "GLACIER_IR",
                    ])),
                .optional(
                    "AccessControlTranslation", .children([.required("Owner", .word(["Destination"]))])),
                .optional("EncryptionConfiguration", .children([.optional("ReplicaKmsKeyID", .text)])),
                .optional(
                    "ReplicationTime", .children([.required("Status", .status), .required("Time", minutes)])),
                .optional(
                    "Metrics",
                    .children([.required("Status", .status), .optional("EventThreshold", minutes)])),
            ])),
        .optional("DeleteMarkerReplication", .children([.optional("Status", .status)])),
    ])

    /// Characters.
    private static let maxIDLength = 255

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await configuration.put(request, core) { tree, bucket, snapshot in
            guard bucket.versioning == .enabled else {
                throw AWSError.invalidRequest(
                    "Versioning must be 'Enabled' on the bucket to apply a replication configuration")
            }
            for rule in tree.all("Rule") {
                try validate(rule)
                let target = BucketARN.bucket(of: rule.descendant("Destination", "Bucket")?.text ?? "")
                guard let target else {
                    throw AWSError.invalidArgument("Invalid bucket ARN.", name: "Bucket", value: nil)
                }
                let bytes = try snapshot.get(.objects, StorageKeys.bucket(target))
                guard let bytes, try BucketRecord(decoding: bytes).versioning == .enabled else {
                    throw AWSError.invalidRequest("Destination bucket must have versioning enabled.")
                }
            }
            return XMLElement(name: tree.name, children: try identified(tree.children))
        }
    }

    /// Rules without an id get one.
    private static func identified(_ elements: [XMLElement]) throws(AWSError) -> [XMLElement] {
        let ids = elements.compactMap { $0["ID"] }
        guard Set(ids).count == ids.count else {
            throw .invalidRequest("Rule Id must be unique. Found same Id for more than one rule")
        }
        return elements.map { element in
            guard element.name == "Rule", element["ID"].map(\.isEmpty) ?? true else { return element }
            var rule = element
            rule.children.removeAll { $0.name == "ID" }
            rule.children.insert(XMLElement(name: "ID", text: UUID4.make()), at: 0)
            return rule
        }
    }

    private static func validate(_ rule: XMLElement) throws(AWSError) {
        if let id = rule["ID"], id.unicodeScalars.count > maxIDLength {
            throw .invalidArgument(
                "ID length should not exceed allowed limit of \(maxIDLength)", name: "ID", value: id)
        }
        if rule.child("SourceSelectionCriteria")?.children.isEmpty == true {
            throw .invalidRequest("SourceSelectionCriteria cannot be empty")
        }
        try FilterShape.validate(rule.child("Filter"))
        let schema =
            "for this version of Cross Region Replication configuration schema. Please refer to S3 Developer "
            + "Guide for more information."
        let markers = rule.child("DeleteMarkerReplication")
        guard let filter = rule.child("Filter") else {
            if markers != nil { throw .invalidRequest("DeleteMarkerReplication cannot be used \(schema)") }
            return
        }
        if rule.child("Prefix") != nil { throw .malformedXML }
        guard rule.child("Priority") != nil else {
            throw .invalidRequest("Priority must be specified \(schema)")
        }
        guard let markers else {
            throw .invalidRequest("DeleteMarkerReplication must be specified \(schema)")
        }
        let hasTag = filter.child("Tag") != nil || filter.descendant("And", "Tag") != nil
        if hasTag, markers["Status"] == "Enabled" {
            throw .invalidRequest(
                "Delete marker replication is not supported if any Tag filter is specified. Please refer to "
                    + "S3 Developer Guide for more information.")
        }
    }
}

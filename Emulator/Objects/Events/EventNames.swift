/// The names that a notification configuration may use (Amazon S3 User Guide, "Supported event types for SQS,
/// SNS, and Lambda").
enum EventNames {
    /// With `s3:`, as configurations write them.
    static let all: [String] = families.flatMap { family, kinds in
        (kinds.isEmpty ? [family] : kinds.count == 1 ? [] : ["\(family):*"])
            + kinds.map { "\(family):\($0)" }
    }.map { "s3:\($0)" }

    private static let families: [(family: String, kinds: [String])] = [
        ("ReducedRedundancyLostObject", []),
        ("ObjectCreated", ["Put", "Post", "Copy", "CompleteMultipartUpload"]),
        ("ObjectRemoved", ["Delete", "DeleteMarkerCreated"]),
        ("ObjectRestore", ["Post", "Completed", "Delete"]),
        (
            "Replication",
            [
                "OperationFailedReplication", "OperationNotTracked", "OperationMissedThreshold",
                "OperationReplicatedAfterThreshold",
            ]
        ),
        ("LifecycleExpiration", ["Delete", "DeleteMarkerCreated"]),
        ("LifecycleTransition", []), ("IntelligentTiering", []),
        ("ObjectTagging", ["Put", "Delete"]), ("ObjectAcl", ["Put"]),
        ("ObjectAnnotation", ["Put", "Delete"]), ("ObjectRetention", ["Put"]),
    ]

    static let known = Set(all)

    /// Whether `pattern`, which may end in `*`, covers `name`; both with `s3:`.
    static func covers(_ pattern: String, _ name: String) -> Bool {
        guard pattern.hasSuffix("*") else { return pattern == name }
        return name.hasPrefix(pattern.dropLast())
    }

    static func overlap(_ a: String, _ b: String) -> Bool { covers(a, b) || covers(b, a) }
}

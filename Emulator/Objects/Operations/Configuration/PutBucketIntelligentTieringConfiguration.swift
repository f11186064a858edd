import AWSProtocol
import HTTPTypes

/// PUT /bucket?intelligent-tiering&id=: when unused objects would move to archives.
enum PutBucketIntelligentTieringConfiguration {
    static let configurations = NamedConfigurations(
        kind: .intelligentTiering,
        shape: DocumentShape(
            "IntelligentTieringConfiguration",
            [
                .required("Id", .text), .optional("Filter", FilterShape.filter()),
                .required("Status", .status),
                .list(
                    "Tiering",
                    .children([
                        .required("AccessTier", .word(["ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS"])),
                        .required("Days", .integer),
                    ]), 1...2),
            ]),
        listRoot: "ListBucketIntelligentTieringConfigurationsOutput")

    /// Amazon S3 API Reference, "Tiering": days without use.
    private static let minDays = ["ARCHIVE_ACCESS": 90, "DEEP_ARCHIVE_ACCESS": 180]
    private static let maxDays = 730

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await configurations.put(request, core) { tree throws(AWSError) in
            try FilterShape.validate(tree.child("Filter"))
            let tiers = tree.all("Tiering")
            guard Set(tiers.compactMap { $0["AccessTier"] }).count == tiers.count else {
                throw .malformedXML
            }
            for tier in tiers {
                let name = tier["AccessTier"] ?? ""
                guard let days = tier["Days"].flatMap({ Int($0) }), days >= minDays[name] ?? 1,
                    days <= maxDays
                else {
                    throw .invalidArgument(
                        "The number of days for access tier \(name) must be between \(minDays[name] ?? 1) "
                            + "and \(maxDays)", name: "Days", value: tier["Days"])
                }
            }
        }
    }
}

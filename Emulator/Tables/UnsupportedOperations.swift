import AWSProtocol

/// Operations that AWS knows and this emulator does not: each is refused by its name, so that nobody takes a
/// missing feature for a misspelling.
enum UnsupportedOperations {
    private static let globalTables = "there is one region, so there are no global tables"
    private static let kinesis = "there is no Kinesis; use DynamoDB Streams"
    private static let transfer = "there is no import from or export to S3"

    /// Why not, by name.
    static let reasons: [String: String] = [
        "CancelBulkOperation": "there are no bulk operations",
        "CreateGlobalTable": globalTables,
        "DescribeBulkOperation": "there are no bulk operations",
        "DescribeTableReplicaAutoScaling": globalTables,
        "DisableKinesisStreamingDestination": kinesis,
        "EnableKinesisStreamingDestination": kinesis,
        "ExportTableToPointInTime": transfer,
        "ImportTable": transfer,
        "ListBulkOperations": "there are no bulk operations",
        "SearchVectors": "there are no vector indexes",
        "StartBulkPutItems": "there are no bulk operations",
        "UpdateContributorInsights": "there is no CloudWatch",
        "UpdateGlobalTable": globalTables,
        "UpdateGlobalTableSettings": globalTables,
        "UpdateKinesisStreamingDestination": kinesis,
        "UpdateTableReplicaAutoScaling": globalTables,
    ]

    /// Not retried by client libraries: it will not get better.
    static func error(_ operation: String) -> AWSError? {
        guard let reason = reasons[operation] else { return nil }
        return AWSError(
            code: "UnsupportedOperationException",
            message: "The operation \(operation) is not supported by this emulator: \(reason)")
    }
}

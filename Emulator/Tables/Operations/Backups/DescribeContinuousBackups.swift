import Clock
import Expressions
import JSON

/// DescribeContinuousBackups (Amazon DynamoDB API Reference).
struct DescribeContinuousBackups: TableOperation {
    let tableName: String?

    init(_ input: InputReader) throws(ValidationError) { tableName = try input.tableName() }

    func validate(_ environment: TableEnvironment) throws -> Table {
        var constraints = Constraints()
        constraints.name(tableName, at: "tableName")
        try constraints.check()
        return try environment.backedUpTable(tableName ?? "")
    }

    static func run(_ table: Table, _ environment: TableEnvironment) async throws -> JSONValue {
        description(table.definition.recovery, now: environment.clock.now)
    }

    static func description(_ recovery: RecoverySettings?, now: Timestamp) -> JSONValue {
        var pointInTime = JSONObject()
        pointInTime.append("PointInTimeRecoveryStatus", recovery == nil ? "DISABLED" : "ENABLED")
        if let recovery {
            pointInTime.append("RecoveryPeriodInDays", .number(JSONNumber(recovery.days)))
            pointInTime.append("EarliestRestorableDateTime", recovery.earliest(at: now).json)
            pointInTime.append("LatestRestorableDateTime", max(now, recovery.since).json)
        }
        return [
            "ContinuousBackupsDescription": [
                "ContinuousBackupsStatus": "ENABLED",
                "PointInTimeRecoveryDescription": .object(pointInTime),
            ]
        ]
    }
}

extension RecoverySettings {
    /// The earliest time that can be recovered.
    func earliest(at now: Timestamp) -> Timestamp {
        max(since, Timestamp(milliseconds: now.milliseconds - Int64(days) * 86_400_000))
    }
}

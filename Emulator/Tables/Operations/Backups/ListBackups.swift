import Clock
import Expressions
import JSON
import Store

/// ListBackups (Amazon DynamoDB API Reference): oldest first, page by page.
struct ListBackups: TableOperation {
    static let maximumPage = 100

    let tableName: String?
    let limit: Int?
    let from: Double?
    let to: Double?
    let start: String?
    let type: String?

    init(_ input: InputReader) throws(ValidationError) {
        tableName = try input.tableName()
        limit = try input.integer("Limit")
        from = try input.timestamp("TimeRangeLowerBound")
        to = try input.timestamp("TimeRangeUpperBound")
        start = try input.string("ExclusiveStartBackupArn")
        type = try input.string("BackupType")
    }

    func validate(_ environment: TableEnvironment) throws -> ListBackups {
        var constraints = Constraints()
        constraints.name(tableName, at: "tableName", required: false)
        constraints.range(limit, at: "limit", from: 1, to: Self.maximumPage)
        constraints.length(start, at: "exclusiveStartBackupArn", from: 37, to: 1_024)
        constraints.member(type, of: ["USER", "SYSTEM", "AWS_BACKUP", "ALL"], at: "backupType")
        try constraints.check()
        return self
    }

    static func run(_ plan: ListBackups, _ environment: TableEnvironment) async throws -> JSONValue {
        var found = try environment.store.read { try Backup.all($0) }.filter(plan.includes)
        found.sort { Self.place($0.arn) < Self.place($1.arn) }
        // The backup where the last page ended may be gone by now.
        if let start = plan.start { found.removeAll { Self.place($0.arn) <= Self.place(start) } }
        let page = found.prefix(plan.limit ?? maximumPage)
        var object = JSONObject()
        object.append("BackupSummaries", .array(try page.map { try $0.summary(at: environment.location) }))
        if page.count < found.count, let last = page.last {
            object.append("LastEvaluatedBackupArn", .string(last.arn))
        }
        return .object(object)
    }

    /// The last part of an ARN begins with the time of the backup.
    private static func place(_ arn: String) -> String {
        arn.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(arn[arn.index(after: $0)...]) } ?? arn
    }

    /// The bounds are inclusive below and exclusive above.
    private func includes(_ backup: Backup) throws -> Bool {
        let seconds = Double(backup.created.milliseconds) / 1000
        if let from, seconds < from { return false }
        if let to, seconds >= to { return false }
        if let type, type != "USER", type != "ALL" { return false }
        return try tableName.map { try backup.definition().name == $0 } ?? true
    }
}

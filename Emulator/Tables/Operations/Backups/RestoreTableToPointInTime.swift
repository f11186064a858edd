import AWSProtocol
import Clock
import Expressions
import JSON
import Store

/// RestoreTableToPointInTime (Amazon DynamoDB API Reference): makes a new table of what another one held at a
/// time. The present items are copied, and the changes since that time are taken back in the copy.
struct RestoreTableToPointInTime: TableOperation {
    struct Plan: Sendable {
        let source: Table
        /// Nil for the latest time there is.
        let time: Timestamp?
        let input: RestoreInput
    }

    let sourceName: String?
    let sourceARN: String?
    let usesLatest: Bool
    let time: Double?
    let input: RestoreInput

    init(_ input: InputReader) throws(ValidationError) {
        sourceName = try input.string("SourceTableName")
        sourceARN = try input.string("SourceTableArn")
        usesLatest = try input.bool("UseLatestRestorableTime") ?? false
        time = try input.timestamp("RestoreDateTime")
        self.input = try RestoreInput(input)
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.name(sourceName, at: "sourceTableName", required: false)
        input.constrain(&constraints)
        try constraints.check()
        guard let name = sourceName ?? sourceARN.map(InputReader.tableName) else {
            throw TableErrors.invalidParameter(
                "Either SourceTableName or SourceTableArn must be specified")
        }
        guard usesLatest != (time != nil) else {
            throw TableErrors.invalidParameter(
                "Exactly one of RestoreDateTime and UseLatestRestorableTime must be specified")
        }
        let source = try environment.backedUpTable(name)
        try input.checkTarget(environment)
        guard let recovery = source.definition.recovery else {
            throw Self.unavailable(name)
        }
        let wanted = time.map { Timestamp(milliseconds: Int64($0 * 1000)) }
        let now = environment.clock.now
        if let wanted, wanted < recovery.earliest(at: now) || wanted > now {
            throw Self.outside(recovery, now)
        }
        return Plan(source: source, time: wanted, input: input)
    }

    private static func outside(_ recovery: RecoverySettings, _ now: Timestamp) -> AWSError {
        AWSError(
            code: "InvalidRestoreTimeException",
            message: "Specified RestoreDateTime is outside the restorable window: it must be from "
                + "\(recovery.earliest(at: now).iso8601) to \(now.iso8601)")
    }

    private static func unavailable(_ name: String) -> AWSError {
        AWSError(
            code: "PointInTimeRecoveryUnavailableException",
            message: "Point in time recovery is not enabled for table '\(name)'")
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        let (location, uuid) = (environment.location, environment.newUUID())
        let target = plan.input.target ?? ""
        let table = try await environment.changeDefinition(target, and: plan.source.name) { transaction in
            let source = try CreateBackup.newest(plan.source, in: transaction)
            // It may have been turned off and on again since the request was checked.
            guard source.definition.recovery?.since == plan.source.definition.recovery?.since else {
                throw unavailable(source.name)
            }
            let time = plan.time ?? transaction.now
            // Meanwhile the log may have been trimmed.
            if let recovery = source.definition.recovery, time < recovery.earliest(at: transaction.now) {
                throw outside(recovery, transaction.now)
            }
            let table = try plan.input.makeTarget(
                from: source.definition, uuid: uuid,
                summary: RestoreSummary(backupARN: nil, tableARN: location.arn(source.name), time: time),
                in: transaction)
            let copy = try Catalog.takeIDs(1, in: transaction).lowerBound
            TableRestore(
                table: table.name, id: table.id, copy: copy, source: source.id, until: time,
                phase: .copying, change: try ChangeLog.last(source.id, transaction)
            ).write(in: transaction)
            TableCopy.begin(copy, of: source, in: transaction)
            return table
        } landed: {
            environment.catalog.add($0)
        }
        environment.work.wake(environment)
        return RestoreInput.answer(table, environment)
    }
}

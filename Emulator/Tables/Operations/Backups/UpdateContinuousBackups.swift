import Clock
import Expressions
import JSON
import Store

/// UpdateContinuousBackups (Amazon DynamoDB API Reference): turns point-in-time recovery on or off. While it is
/// on, every change is kept in the change log.
struct UpdateContinuousBackups: TableOperation {
    static let usualDays = 35

    struct Plan: Sendable {
        let table: Table
        let isEnabled: Bool
        let days: Int?
    }

    let tableName: String?
    let hasSpecification: Bool
    let isEnabled: Bool?
    let days: Int?

    init(_ input: InputReader) throws(ValidationError) {
        tableName = try input.tableName()
        let name = "PointInTimeRecoverySpecification"
        let specification = try input.structure(name, name)
        hasSpecification = specification != nil
        isEnabled = try specification?.bool("PointInTimeRecoveryEnabled")
        days = try specification?.integer("RecoveryPeriodInDays")
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.name(tableName, at: "tableName")
        let path = "pointInTimeRecoverySpecification"
        constraints.notNull(hasSpecification, at: path)
        if hasSpecification {
            constraints.notNull(isEnabled != nil, at: "\(path).pointInTimeRecoveryEnabled")
        }
        constraints.range(days, at: "\(path).recoveryPeriodInDays", from: 1, to: Self.usualDays)
        try constraints.check()
        return Plan(
            table: try environment.backedUpTable(tableName ?? ""), isEnabled: isEnabled ?? false, days: days)
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        let recovery = try await environment.changeDefinition(plan.table.name) { transaction in
            let table = try CreateBackup.newest(plan.table, in: transaction)
            var recovery: RecoverySettings?
            if plan.isEnabled {
                let known = table.definition.recovery
                recovery = RecoverySettings(
                    since: known?.earliest(at: transaction.now) ?? transaction.now,
                    days: plan.days ?? known?.days ?? usualDays)
            }
            let settings = recovery
            Catalog.write(table.with { $0.recovery = settings }, in: transaction)
            return recovery
        }
        return DescribeContinuousBackups.description(recovery, now: environment.clock.now)
    }
}

import Expressions
import JSON
import Store

/// UpdateTimeToLive (Amazon DynamoDB API Reference): turns the expiry of items on or off.
struct UpdateTimeToLive: TableOperation {
    struct Plan: Sendable {
        let table: Table
        let attribute: String
        let isEnabled: Bool
    }

    let tableName: String?
    let specification: Bool
    let attribute: String?
    let isEnabled: Bool?

    init(_ input: InputReader) throws(ValidationError) {
        tableName = try input.tableName()
        let reader = try input.structure("TimeToLiveSpecification", "TimeToLiveSpecification")
        specification = reader != nil
        attribute = try reader?.string("AttributeName")
        isEnabled = try reader?.bool("Enabled")
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.name(tableName, at: "tableName")
        constraints.notNull(specification, at: "timeToLiveSpecification")
        if specification {
            constraints.notNull(attribute != nil, at: "timeToLiveSpecification.attributeName")
            constraints.notNull(isEnabled != nil, at: "timeToLiveSpecification.enabled")
            constraints.length(attribute, at: "timeToLiveSpecification.attributeName", from: 1, to: 255)
        }
        try constraints.check()
        let table = try NamedTable(tableName).find(environment)
        let plan = Plan(table: table, attribute: attribute ?? "", isEnabled: isEnabled ?? false)
        if plan.isEnabled, table.timeToLive != nil {
            throw TableErrors.validation("TimeToLive is already enabled")
        }
        if !plan.isEnabled {
            guard let current = table.timeToLive else {
                throw TableErrors.validation("TimeToLive is already disabled")
            }
            guard current == attribute else {
                throw TableErrors.validation(
                    "TimeToLive is active on a different AttributeName: current AttributeName is \(current)")
            }
        }
        return plan
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        let table = plan.table
        let attribute = plan.isEnabled ? plan.attribute : nil
        // Every write from here on keeps the index of expiry times; the sweep enters older items.
        try await environment.changeDefinition(table.name) { transaction in
            let table = try table.newest(in: transaction)
            try checkSettled(table, transaction)
            Catalog.write(table.with { $0.timeToLive = attribute }, in: transaction)
            if plan.isEnabled {
                transaction.put(.settings, Sweeper.cursorKey(table), KeyEncoding.prefix(table.id))
            } else {
                transaction.delete(.settings, Sweeper.cursorKey(table))
                try GarbageCollection.drop(
                    .indexEntries, prefix: KeyEncoding.expiryPrefix(table), in: transaction)
            }
        }
        environment.work.wake(environment)
        return [
            "TimeToLiveSpecification": [
                "Enabled": .bool(plan.isEnabled), "AttributeName": .string(plan.attribute),
            ]
        ]
    }

    /// The expiry times of before have to be gone before there can be new ones.
    private static func checkSettled(_ table: Table, _ transaction: Transaction) throws {
        if table.isRestoring { throw TableErrors.inUse("Table is being created: \(table.name)") }
        let prefix = KeyEncoding.expiryPrefix(table)
        let isPending = try GarbageCollection.waiting(transaction).contains { $0.prefix == prefix }
        if isPending {
            throw TableErrors.validation(
                "Time to live has been modified multiple times within a fixed interval")
        }
    }
}

import Expressions
import JSON
import Store

/// GetItem (Amazon DynamoDB API Reference).
struct GetItem: TableOperation {
    struct Plan: Sendable {
        let table: Table
        let key: [UInt8]
        let projection: ProjectionExpression?
        let isConsistent: Bool
        let level: CapacityLevel
    }

    let tableName: String?
    let key: Result<Item, ValidationError>?
    let isConsistent: Bool
    let capacity: String?
    let expressions: ExpressionParameters

    init(_ input: InputReader) throws(ValidationError) {
        tableName = try input.tableName()
        key = try input.item("Key")
        isConsistent = try input.bool("ConsistentRead") ?? false
        capacity = try input.string("ReturnConsumedCapacity")
        expressions = try ExpressionParameters(
            input, ["ProjectionExpression"], legacy: [.attributesToGet])
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.member(capacity, of: Constraints.capacityLevels, at: "returnConsumedCapacity")
        constraints.name(tableName, at: "tableName")
        constraints.notNull(key != nil, at: "key")
        expressions.legacy.constrain(&constraints)
        try constraints.check()
        try expressions.checkUse()
        guard let name = tableName, let key = try key?.get() else {
            throw TableErrors.validation("Key is missing")
        }
        var attributes = try expressions.attributes()
        let projection = try expressions.projection(&attributes)
        try attributes.checkAllUsed()
        let table = try environment.catalog.table(name)
        try table.check(key: key)
        try table.check(paths: projection?.paths ?? [])
        return Plan(
            table: table, key: KeyEncoding.itemKey(table, key), projection: projection,
            isConsistent: isConsistent, level: CapacityLevel(capacity))
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        let item = try environment.store.read { try ItemWriter.read($0, plan.key) }
        var object = JSONObject()
        if let item { object.append("Item", (plan.projection?.project(item) ?? item).json) }
        var consumption = Consumption()
        consumption.table = Consumption.read(bytes: item?.itemSize ?? 0, isConsistent: plan.isConsistent)
        if let capacity = consumption.json(table: plan.table.name, level: plan.level) {
            object.append("ConsumedCapacity", capacity)
        }
        return .object(object)
    }
}

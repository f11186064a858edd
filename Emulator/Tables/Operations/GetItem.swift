import Expressions
import JSON
import Store

/// GetItem (Amazon DynamoDB API Reference).
struct GetItem: TextOperation {
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

    /// Waits for nothing, so that it can be answered at once.
    static func text(_ plan: Plan, _ environment: TableEnvironment) throws -> [UInt8] {
        var text = JSONText()
        text.append(byte: 0x7B)
        var consumption = Consumption()
        let size = try environment.store.readOne(.items, plan.key) { stored -> Int in
            guard let stored else { return 0 }
            text.append("\"Item\":")
            return try ItemText.append(stored, plan.projection, to: &text)
        }
        consumption.table = Consumption.read(bytes: size, isConsistent: plan.isConsistent)
        ItemText.append(consumption, plan.table, plan.level, to: &text)
        text.append(byte: 0x7D)
        return text.bytes
    }
}

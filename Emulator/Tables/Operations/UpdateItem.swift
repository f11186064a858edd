import Expressions
import JSON
import Store

/// UpdateItem (Amazon DynamoDB API Reference): changes attributes of an item, or creates it.
struct UpdateItem: TableOperation {
    struct Plan: Sendable {
        let table: Table
        let keyAttributes: Item
        let key: [UInt8]
        let update: UpdateExpression?
        let condition: ItemCondition
        let returnValues: String
        let response: WriteResponse
    }

    static let wording = Wording.reworded

    let options: WriteOptions
    let key: Result<Item, ValidationError>?
    let expressions: ExpressionParameters

    init(_ input: InputReader) throws(ValidationError) {
        options = try WriteOptions(input)
        key = try input.item("Key")
        expressions = try ExpressionParameters(
            input, ["UpdateExpression", "ConditionExpression"],
            legacy: [.attributeUpdates, .expected, .conditionalOperator])
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        let (name, key, update, condition) = try Self.wording.ofRequest(checkRequest)
        let table = try environment.catalog.table(name)
        try table.check(key: key)
        if let update { try table.check(update: update) }
        try table.checkIndexKeys(expressions.legacy.updateValues())
        try table.check(paths: condition?.paths ?? [])
        return Plan(
            table: table, keyAttributes: key, key: KeyEncoding.itemKey(table, key), update: update,
            condition: ItemCondition(expression: condition, returnsItem: options.returnsItemOnFailure),
            returnValues: options.returnValues ?? "NONE", response: WriteResponse(table, options))
    }

    private func checkRequest() throws -> (String, Item, UpdateExpression?, ConditionExpression?) {
        try options.check(key != nil, at: "key", expressions.legacy, stopsEarly: true)
        try expressions.checkUse()
        guard let name = options.tableName, let key = try key?.get() else {
            throw TableErrors.validation("Key is missing")
        }
        var attributes = try expressions.attributes()
        let update = try expressions.update(&attributes)
        let condition = try expressions.condition(&attributes)
        try attributes.checkAllUsed()
        return (name, key, update, condition)
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        try await environment.store.commit { transaction in
            let table = try plan.table.newest(in: transaction)
            let old = try ItemWriter.read(transaction, plan.key)
            try plan.condition.check(old)
            let new = try updated(old, plan.keyAttributes, plan.update, in: table)
            if let new, let update = plan.update { try table.checkWritten(by: update, new) }
            let consumption = try ItemWriter.replace(
                old, with: new, key: plan.key, in: table, transaction)
            return plan.response.json(
                attributes: attributes(plan, old, new), key: plan.keyAttributes, consumption)
        }
    }

    /// The item after the update; nil when an update that only removes finds no item.
    static func updated(
        _ old: Item?, _ key: Item, _ update: UpdateExpression?, in table: Table
    ) throws(ValidationError) -> Item? {
        guard let update else { return old ?? key }
        // Where there is no item, AWS does not ask whether the paths to be removed lead anywhere.
        if old == nil && !update.createsItem { return nil }
        let new = try update.apply(to: old ?? key)
        try table.checkUpdated(new, from: old)
        return new
    }

    private static func attributes(_ plan: Plan, _ old: Item?, _ new: Item?) -> Item? {
        func touched(_ item: Item?) -> Item? {
            guard let item, let update = plan.update else { return nil }
            let part = ProjectionExpression(paths: update.paths).project(item)
            return part.isEmpty ? nil : part
        }
        return switch plan.returnValues {
        case "ALL_OLD": old
        case "ALL_NEW": new
        case "UPDATED_OLD": touched(old)
        case "UPDATED_NEW": touched(new)
        default: nil
        }
    }
}

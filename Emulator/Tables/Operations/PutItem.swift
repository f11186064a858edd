import Expressions
import JSON
import Store

/// PutItem (Amazon DynamoDB API Reference): writes a whole item, replacing one with the same key.
struct PutItem: TableOperation {
    struct Plan: Sendable {
        let table: Table
        let item: Item
        let key: [UInt8]
        let condition: ItemCondition
        let returnsOld: Bool
        let response: WriteResponse
    }

    static let wording = Wording.reworded

    let options: WriteOptions
    let item: Result<Item, ValidationError>?
    let expressions: ExpressionParameters

    init(_ input: InputReader) throws(ValidationError) {
        options = try WriteOptions(input)
        item = try input.item("Item")
        expressions = try ExpressionParameters(
            input, ["ConditionExpression"], legacy: [.expected, .conditionalOperator])
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        let (name, item, condition) = try Self.wording.ofRequest(checkRequest)
        let table = try environment.catalog.table(name)
        try table.check(item: item)
        try table.check(paths: condition?.paths ?? [])
        return Plan(
            table: table, item: item, key: KeyEncoding.itemKey(table, item),
            condition: ItemCondition(expression: condition, returnsItem: options.returnsItemOnFailure),
            returnsOld: options.returnValues == "ALL_OLD", response: WriteResponse(table, options))
    }

    private func checkRequest() throws -> (String, Item, ConditionExpression?) {
        try options.check(item != nil, at: "item", expressions.legacy)
        try expressions.checkUse()
        guard let name = options.tableName, let item = try item?.get() else {
            throw TableErrors.validation("Item is missing")
        }
        try options.checkOldOrNone()
        try Table.checkSize(item)
        var attributes = try expressions.attributes()
        let condition = try expressions.condition(&attributes)
        try attributes.checkAllUsed()
        return (name, item, condition)
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        try await environment.store.commit { transaction in
            let table = try plan.table.newest(in: transaction)
            let old = try ItemWriter.read(transaction, plan.key)
            try plan.condition.check(old)
            let consumption = try ItemWriter.replace(
                old, with: plan.item, key: plan.key, in: table, transaction)
            return plan.response.json(
                attributes: plan.returnsOld ? old : nil, key: plan.item, consumption)
        }
    }
}

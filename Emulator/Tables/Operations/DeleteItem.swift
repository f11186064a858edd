import Expressions
import JSON
import Store

/// DeleteItem (Amazon DynamoDB API Reference): removes an item; one that is not there is no error.
struct DeleteItem: TableOperation {
    struct Plan: Sendable {
        let table: Table
        let keyAttributes: Item
        let key: [UInt8]
        let condition: ItemCondition
        let returnsOld: Bool
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
            input, ["ConditionExpression"], legacy: [.expected, .conditionalOperator])
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        let (name, key, condition) = try Self.wording.ofRequest(checkRequest)
        let table = try environment.catalog.table(name)
        try table.check(key: key)
        try table.check(paths: condition?.paths ?? [])
        return Plan(
            table: table, keyAttributes: key, key: KeyEncoding.itemKey(table, key),
            condition: ItemCondition(expression: condition, returnsItem: options.returnsItemOnFailure),
            returnsOld: options.returnValues == "ALL_OLD", response: WriteResponse(table, options))
    }

    private func checkRequest() throws -> (String, Item, ConditionExpression?) {
        try options.check(key != nil, at: "key", expressions.legacy)
        try expressions.checkUse()
        guard let name = options.tableName, let key = try key?.get() else {
            throw TableErrors.validation("Key is missing")
        }
        try options.checkOldOrNone()
        var attributes = try expressions.attributes()
        let condition = try expressions.condition(&attributes)
        try attributes.checkAllUsed()
        return (name, key, condition)
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        try await environment.store.commit { transaction in
            let table = try plan.table.newest(in: transaction)
            let old = try ItemWriter.read(transaction, plan.key)
            try plan.condition.check(old)
            let consumption = try ItemWriter.replace(
                old, with: nil, key: plan.key, in: table, transaction)
            return plan.response.json(
                attributes: plan.returnsOld ? old : nil, key: plan.keyAttributes, consumption)
        }
    }
}

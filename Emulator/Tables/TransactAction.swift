import AWSProtocol
import Expressions
import JSON

/// One member of `TransactItems` as it came.
struct TransactInput: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case conditionCheck = "ConditionCheck"
        case put = "Put"
        case delete = "Delete"
        case update = "Update"

        var path: String { rawValue.prefix(1).lowercased() + rawValue.dropFirst() }
    }

    /// Nil unless there is exactly one action.
    let kind: Kind?
    private let isEmpty: Bool
    let tableName: String?
    let item: Result<Item, ValidationError>?
    let returnOnFailure: String?
    let expressions: ExpressionParameters

    init(_ input: InputReader) throws(ValidationError) {
        let present = Kind.allCases.filter { input[$0.rawValue] != nil }
        kind = present.count == 1 ? present[0] : nil
        isEmpty = present.isEmpty
        let name = present.first?.rawValue ?? ""
        let action = try input.structure(name, name) ?? InputReader(JSONObject())
        tableName = try action.tableName()
        item = try action.item(present.first == .put ? "Item" : "Key")
        returnOnFailure = try action.string("ReturnValuesOnConditionCheckFailure")
        expressions = try ExpressionParameters(
            action,
            present.first == .update ? ["UpdateExpression", "ConditionExpression"] : ["ConditionExpression"])
    }

    func constrain(_ constraints: inout Constraints, at path: String) {
        guard let kind else { return }
        let path = "\(path).\(kind.path)"
        constraints.name(tableName, at: "\(path).tableName")
        constraints.notNull(item != nil, at: "\(path).\(kind == .put ? "item" : "key")")
        if kind == .conditionCheck {
            constraints.notNull(
                expressions.text("ConditionExpression") != nil, at: "\(path).conditionExpression")
        }
        if kind == .update {
            constraints.notNull(expressions.text("UpdateExpression") != nil, at: "\(path).updateExpression")
        }
        constraints.member(
            returnOnFailure, of: Constraints.conditionFailureValues,
            at: "\(path).returnValuesOnConditionCheckFailure")
    }

    /// Checks what AWS checks before the transaction begins.
    func action(_ environment: TableEnvironment) throws -> TransactAction {
        guard let kind else {
            throw TableErrors.validation(
                isEmpty
                    ? "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"
                    : "TransactItems can only contain one of Check, Put, Update or Delete")
        }
        var attributes = try expressions.attributes()
        let item = try item?.get() ?? [:]
        if kind == .put { try Table.checkSize(item) }
        let update = kind == .update ? try expressions.update(&attributes) : nil
        let condition = try expressions.condition(&attributes)
        try attributes.checkAllUsed()
        let table = try environment.catalog.table(tableName ?? "")
        let fault = try TransactionFault.of {
            if kind == .put { try table.check(item: item) } else { try table.check(key: item) }
            if let update { try table.check(update: update) }
            try table.check(paths: condition?.paths ?? [])
        }
        return TransactAction(
            kind: kind, table: table, item: item,
            key: fault == nil ? KeyEncoding.itemKey(table, item) : nil, fault: fault, update: update,
            condition: ItemCondition(expression: condition, returnsItem: returnOnFailure == "ALL_OLD"))
    }
}

/// What does not fit a table's schema cancels a transaction, but an empty key refuses the request.
enum TransactionFault {
    /// - Returns: the text of the cancellation reason, nil when the checks pass.
    static func of(_ checks: () throws -> Void) throws -> String? {
        do {
            try checks()
            return nil
        } catch {
            let message = TableErrors.from(error).message ?? ""
            if message.hasPrefix("One or more parameter values are not valid") { throw error }
            return message
        }
    }
}

/// One action of a transaction, ready to run.
struct TransactAction: Sendable {
    let kind: TransactInput.Kind
    let table: Table
    /// The whole item of a put, else the key.
    let item: Item
    /// Nil when the key, or an attribute the action changes, does not fit the table.
    let key: [UInt8]?
    let fault: String?
    let update: UpdateExpression?
    let condition: ItemCondition
    /// What to cancel with when the condition fails; nil for the failed condition itself.
    var refusal: CancellationReason?

    var writes: Bool { kind != .conditionCheck }
    var keyAttributes: Item { table.key(of: item) }

    /// The item after the action.
    func result(_ old: Item?) throws(ValidationError) -> Item? {
        switch kind {
        case .put: item
        case .delete: nil
        case .conditionCheck: old
        case .update: try UpdateItem.updated(old, item, update, in: table)
        }
    }
}

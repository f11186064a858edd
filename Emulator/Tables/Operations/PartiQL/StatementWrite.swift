import AWSProtocol
import Expressions
import JSON
import PartiQL
import Store

/// The write of one statement: what TransactWriteItems has as an action, and what to answer.
struct StatementWrite: Sendable {
    struct Outcome: Sendable {
        /// At most one.
        var items: [Item] = []
        let consumption: Consumption
    }

    let action: TransactAction
    let returning: Returning?

    static let duplicate = CancellationReason(
        code: "DuplicateItem", message: "Duplicate primary key exists in table")

    /// - Throws: what a statement outside a transaction is refused with.
    init(_ statement: PartiQLStatement, _ table: Table, returnsItemOnFailure: Bool) throws {
        let target = StatementTarget(statement, table)
        switch target.key {
        case .incomplete:
            throw TableErrors.validation(
                "Where clause does not contain a mandatory equality on all key attributes")
        case .conflicting(let name):
            throw TableErrors.validation(
                "Multiple conditions on same key \(name). Only single item Update/Insert/Delete are supported"
            )
        case .complete(let item):
            try target.check(item)
            action = target.action(item, returnsItemOnFailure: returnsItemOnFailure)
            returning = statement.returning
        }
    }

    /// - Throws: when a condition fails or the result cannot be stored; nothing has been written then.
    func run(in transaction: Transaction) throws -> Outcome {
        let table = try action.table.newest(in: transaction)
        guard let key = action.key else { throw TableErrors.keyMismatch }
        let old = try ItemWriter.read(transaction, key)
        if action.refusal != nil, old != nil { throw TableErrors.duplicateItem }
        try action.condition.check(old)
        let new = try result(old)
        let consumption = try ItemWriter.replace(old, with: new, key: key, in: table, transaction)
        guard let returning, let item = returning.isNew ? new : old else {
            return Outcome(consumption: consumption)
        }
        guard returning.isModified, let update = action.update else {
            return Outcome(items: [item], consumption: consumption)
        }
        let part = ProjectionExpression(paths: update.paths).project(item)
        return Outcome(items: part.isEmpty ? [] : [part], consumption: consumption)
    }

    private func result(_ old: Item?) throws(ValidationError) -> Item? {
        do throws(ValidationError) {
            return try action.result(old)
        } catch {
            throw error == AttributeValue.nestingError ? Self.nestingError : error
        }
    }

    private static let nestingError = ValidationError("Nesting Levels have exceeded supported limits")

    /// Units of the attempt, when it failed.
    func attemptedUnits(_ transaction: Transaction) throws -> Consumption {
        guard let key = action.key else { return Consumption(table: 1) }
        let old = try ItemWriter.read(transaction, key)?.itemSize ?? 0
        return Consumption(
            table: Consumption.write(old: old, new: action.kind == .put ? action.item.itemSize : 0))
    }
}

/// Which item a statement is about, and what else its WHERE clause asks of it.
struct StatementTarget {
    enum Key {
        /// The key, or the whole item of an INSERT.
        case complete(Item)
        case incomplete
        /// An attribute is to equal two values.
        case conflicting(String)
    }

    private let statement: PartiQLStatement
    private let table: Table
    let key: Key
    /// Conditions beside the key's.
    let rest: [Condition]

    init(_ statement: PartiQLStatement, _ table: Table) {
        self.statement = statement
        self.table = table
        let condition: ConditionExpression?
        switch statement {
        case .insert(let insert):
            (key, rest) = (.complete(insert.item), [])
            return
        case .select(let select), .exists(let select): condition = select.condition
        case .update(let update): condition = update.condition
        case .delete(let delete): condition = delete.condition
        }
        let takesFirst = if case .exists = statement { true } else { false }
        (key, rest) = Self.find(condition?.root, table, takesFirst: takesFirst)
    }

    private static func find(
        _ condition: Condition?, _ table: Table, takesFirst: Bool
    ) -> (Key, [Condition]) {
        var key = Item()
        var rest: [Condition] = []
        var conflict: String?
        for member in members(condition) {
            guard let (name, value) = equality(member), table.keys.contains(name) else {
                rest.append(member)
                continue
            }
            if let known = key[name], known != value {
                if takesFirst { rest.append(member) } else { conflict = conflict ?? name }
            } else {
                key[name] = value
            }
        }
        if let conflict { return (.conflicting(conflict), rest) }
        return (key.count == table.keys.all.count ? .complete(key) : .incomplete, rest)
    }

    private static func members(_ condition: Condition?) -> [Condition] {
        guard let condition else { return [] }
        if case .and(let list) = condition { return list.flatMap(members) }
        return [condition]
    }

    private static func equality(_ condition: Condition) -> (String, AttributeValue)? {
        switch condition {
        case .comparison(.equal, .path(let path), .value(let value)) where !path.isNested: (path.head, value)
        case .comparison(.equal, .value(let value), .path(let path)) where !path.isNested: (path.head, value)
        default: nil
        }
    }

    /// Checks the key or item, and what the statement does to it, against the table.
    func check(_ item: Item) throws {
        if case .insert = statement {
            try Table.checkSize(item)
            if item.contains(where: { $0.value.isNestedTooDeep }) { throw AttributeValue.nestingError }
            return try table.check(item: item)
        }
        try table.check(key: item)
        if case .update(let update) = statement { try table.check(update: update.update) }
        try table.check(paths: rest.flatMap(ConditionExpression.paths))
    }

    /// - Parameter item: as `key` has it, and checked.
    func action(_ item: Item, returnsItemOnFailure: Bool) -> TransactAction {
        let exists = DocumentPath(head: table.hashKey.name)
        let kind: TransactInput.Kind
        var update: UpdateExpression?
        var condition: Condition?
        var refusal: CancellationReason?
        switch statement {
        case .insert:
            kind = .put
            condition = .attributeNotExists(exists)
            refusal = StatementWrite.duplicate
        case .update(let statement):
            // Unlike UpdateItem it creates nothing.
            kind = .update
            update = statement.update
            condition = .and([.attributeExists(exists)] + rest)
        case .delete:
            // An item that is not there is none to delete, whatever is asked of it.
            kind = .delete
            if !rest.isEmpty { condition = .or([.attributeNotExists(exists), .and(rest)]) }
        case .exists, .select:
            kind = .conditionCheck
            condition = .and(rest)
        }
        return TransactAction(
            kind: kind, table: table, item: item, key: KeyEncoding.itemKey(table, item), fault: nil,
            update: update,
            condition: ItemCondition(
                expression: condition.map { ConditionExpression(root: $0, paths: []) },
                returnsItem: returnsItemOnFailure), refusal: refusal)
    }
}

extension TableErrors {
    static let duplicateItem = AWSError(
        code: "DuplicateItemException", message: StatementWrite.duplicate.message)
}

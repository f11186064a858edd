import Expressions

/// A PartiQL statement with its parameters filled in, ready to be planned against a table.
public enum PartiQLStatement: Sendable {
    case select(SelectStatement)
    case insert(InsertStatement)
    case update(UpdateStatement)
    case delete(DeleteStatement)
    /// A check inside a transaction.
    case exists(SelectStatement)

    /// Whether it reads only. A check counts among the writes.
    public var isRead: Bool {
        if case .select = self { true } else { false }
    }

    public var source: SourceName {
        switch self {
        case .select(let select), .exists(let select): select.source
        case .insert(let insert): insert.source
        case .update(let update): update.source
        case .delete(let delete): delete.source
        }
    }

    public var returning: Returning? {
        switch self {
        case .update(let update): update.returning
        case .delete(let delete): delete.returning
        default: nil
        }
    }

    static let misplacedExists = ValidationError(
        "EXISTS can only be used in ExecuteTransaction write requests.")

    /// - Throws: `ValidationError` with the text AWS sends.
    public static func parse(
        _ text: String, parameters: [AttributeValue]
    ) throws(ValidationError) -> PartiQLStatement {
        let (syntax, count) = try Parser.parse(text)
        guard count == parameters.count else {
            throw ValidationError("Number of parameters in request and statement don't match.")
        }
        let literals = Literals(parameters: parameters)
        switch syntax {
        case .select(let select): return .select(try SelectStatement(select, literals))
        case .exists(let select): return .exists(try SelectStatement(select, literals))
        case .insert(let source, let value):
            return .insert(InsertStatement(source: source, item: try literals.item(value)))
        case .update(let source, let changes, let condition, let returning):
            try refuseIndex(source)
            return .update(
                UpdateStatement(
                    source: source, update: try UpdateTranslator.update(changes, literals),
                    condition: try Self.condition(condition, literals), returning: returning))
        case .delete(let source, let condition, let returning):
            try refuseIndex(source)
            if let returning, returning != Returning(isModified: false, isNew: false) {
                throw ValidationError(
                    "Invalid returning clause: RETURNING \(returning.isModified ? "MODIFIED" : "ALL") "
                        + "\(returning.isNew ? "NEW" : "OLD") *. Only RETURNING ALL OLD * is allowed in "
                        + "DELETE statements.")
            }
            return .delete(
                DeleteStatement(
                    source: source, condition: try Self.condition(condition, literals), returning: returning))
        }
    }

    private static func condition(
        _ expression: Expression?, _ literals: Literals
    ) throws(ValidationError) -> ConditionExpression? {
        guard let expression else { return nil }
        return try ConditionTranslator.condition(expression, literals)
    }

    private static func refuseIndex(_ source: SourceName) throws(ValidationError) {
        guard source.index == nil else {
            throw ValidationError("This operation is not supported on an index")
        }
    }
}

/// One column of a result: the place in the item, and its name in the result.
public struct SelectColumn: Sendable {
    public let path: DocumentPath
    public let name: String

    init(_ expression: Expression) throws(ValidationError) {
        guard case .path(let steps) = expression.kind, case .name(let head)? = steps.first else {
            throw ValidationError("Unexpected path component at \(expression.position)")
        }
        path = DocumentPath(
            head: head,
            tail: steps.dropFirst().map { step in
                switch step {
                case .name(let name): .name(name)
                case .index(let index): .index(index)
                }
            })
        // A document path is known by its last name, with the indexes after it.
        var name = ""
        for step in steps {
            switch step {
            case .name(let text): name = text
            case .index(let index): name += "[\(index)]"
            }
        }
        self.name = name
    }
}

public struct SelectStatement: Sendable {
    public struct Order: Sendable {
        public let attribute: String
        public let isDescending: Bool
    }

    public let source: SourceName
    /// Nil for all attributes.
    public let columns: [SelectColumn]?
    public let condition: ConditionExpression?
    public let order: [Order]

    init(_ syntax: SelectSyntax, _ literals: Literals) throws(ValidationError) {
        source = syntax.source
        if let expressions = syntax.columns {
            var columns: [SelectColumn] = []
            for expression in expressions { columns.append(try SelectColumn(expression)) }
            self.columns = columns
        } else {
            columns = nil
        }
        if let expression = syntax.condition {
            condition = try ConditionTranslator.condition(expression, literals)
        } else {
            condition = nil
        }
        var order: [Order] = []
        for term in syntax.order {
            guard case .path(let steps) = term.expression.kind, steps.count == 1,
                case .name(let name) = steps[0]
            else { throw ValidationError("Unexpected path component at \(term.expression.position)") }
            order.append(Order(attribute: name, isDescending: term.isDescending))
        }
        self.order = order
    }

    /// The result's row for an item.
    public func row(_ item: Item) -> Item {
        guard let columns else { return item }
        var row = Item()
        for column in columns {
            if let value = column.path.value(in: item) { row[column.name] = value }
        }
        return row
    }
}

public struct InsertStatement: Sendable {
    public let source: SourceName
    public let item: Item
}

public struct UpdateStatement: Sendable {
    public let source: SourceName
    public let update: UpdateExpression
    public let condition: ConditionExpression?
    public let returning: Returning?
}

public struct DeleteStatement: Sendable {
    public let source: SourceName
    public let condition: ConditionExpression?
    public let returning: Returning?
}

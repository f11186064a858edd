/// A condition with its names and values filled in, ready to be asked about items.
public indirect enum Condition: Sendable {
    case comparison(Comparator, Operand, Operand)
    case between(Operand, Operand, Operand)
    case membership(Operand, [Operand])
    case attributeExists(DocumentPath)
    case attributeNotExists(DocumentPath)
    case attributeType(Operand, AttributeType)
    case beginsWith(Operand, Operand)
    case contains(Operand, Operand)
    case and([Condition])
    case or([Condition])
    case not(Condition)
}

public indirect enum Operand: Sendable {
    case path(DocumentPath)
    case value(AttributeValue)
    case size(Operand)

    var path: DocumentPath? {
        if case .path(let path) = self { return path }
        return nil
    }

    /// The type that is known without an item.
    var staticType: AttributeType? {
        switch self {
        case .path: nil
        case .value(let value): value.type
        case .size: .n
        }
    }
}

/// What condition, filter and key condition expressions are called in error texts.
public enum ConditionKind: String, Sendable {
    case condition = "ConditionExpression"
    case filter = "FilterExpression"
    case keyCondition = "KeyConditionExpression"
}

/// A ConditionExpression, FilterExpression or KeyConditionExpression.
public struct ConditionExpression: Sendable {
    public let root: Condition
    /// Every document path in it, in order.
    public let paths: [DocumentPath]

    /// - Throws: `ValidationError` that starts with `Invalid <kind>: `.
    public static func parse(
        _ text: String, kind: ConditionKind, attributes: inout ExpressionAttributes
    ) throws(ValidationError) -> ConditionExpression {
        do throws(ValidationError) {
            let syntax = try ExpressionCache.condition(text)
            return try ConditionExpression(syntax, &attributes)
        } catch {
            throw ValidationError("Invalid \(kind.rawValue): \(error.message)")
        }
    }

    private init(
        _ syntax: Syntax<SyntaxCondition>, _ attributes: inout ExpressionAttributes
    ) throws(ValidationError) {
        let faults = syntax.faults
        let first = faults.parentheses ?? faults.unknownFunction ?? faults.misusedFunction ?? faults.reserved
        if let first { throw ValidationError(first) }
        var binder = ConditionBinder(attributes: attributes)
        root = try binder.bind(syntax.root)
        paths = binder.paths
        attributes = binder.attributes
    }

    /// A condition built without text, for other languages. Its names stand for themselves; its values are keys
    /// of the attributes' values.
    /// - Throws: `ValidationError` with the bare text.
    public init(
        building root: SyntaxCondition, attributes: inout ExpressionAttributes
    ) throws(ValidationError) {
        try self.init(Syntax(root: root, faults: GrammarFaults()), &attributes)
    }

    /// A condition that did not come as text.
    /// - Parameter paths: every document path in it that a reader has to care for.
    public init(root: Condition, paths: [DocumentPath]) {
        self.root = root
        self.paths = paths
    }

    /// Whether the item meets it. An item that does not exist is an empty one.
    public func evaluate(_ item: Item) -> Bool { root.evaluate(item) }
}

/// Fills in names and values and checks operands, one simple condition after the other.
private struct ConditionBinder {
    var attributes: ExpressionAttributes
    var paths: [DocumentPath] = []

    mutating func bind(_ syntax: SyntaxCondition) throws(ValidationError) -> Condition {
        switch syntax {
        case .and(let members): return .and(try bind(members))
        case .or(let members): return .or(try bind(members))
        case .not(let inner): return .not(try bind(inner))
        case .comparison(let comparator, let left, let right):
            return try comparison(comparator, left, right)
        case .between(let value, let low, let high): return try between(value, low, high)
        case .membership(let value, let list): return try membership(value, list)
        case .function(let name, let arguments): return try call(name, arguments)
        }
    }

    private mutating func bind(_ members: [SyntaxCondition]) throws(ValidationError) -> [Condition] {
        var bound: [Condition] = []
        for member in members { bound.append(try bind(member)) }
        return bound
    }

    /// All operands of one condition: names and values of each are looked up before anything is checked,
    /// then the number of operands of calls inside, then their types.
    private mutating func operands(_ list: [SyntaxOperand]) throws(ValidationError) -> [Operand] {
        for operand in list { try resolveAll(operand) }
        var bound: [Operand] = []
        for operand in list { bound.append(try self.operand(operand)) }
        return bound
    }

    private mutating func resolveAll(_ operand: SyntaxOperand) throws(ValidationError) {
        switch operand {
        case .path(let path): _ = try attributes.resolve(path)
        case .value(let reference): _ = try attributes.value(reference)
        case .function(_, let arguments): for argument in arguments { try resolveAll(argument) }
        }
    }

    private mutating func operand(_ syntax: SyntaxOperand) throws(ValidationError) -> Operand {
        switch syntax {
        case .path(let path):
            let resolved = try attributes.resolve(path)
            paths.append(resolved)
            return .path(resolved)
        case .value(let reference): return .value(try attributes.value(reference))
        case .function(let name, let arguments):
            // Only `size` gets here: other functions as operands were faults of the grammar.
            try checkCount(name, arguments)
            let inner = try operand(arguments[0])
            if let type = inner.staticType, [.n, .bool, .null].contains(type) {
                throw ValidationError(wrongType("size", type.rawValue))
            }
            return .size(inner)
        }
    }

    private func checkCount(_ name: String, _ arguments: [SyntaxOperand]) throws(ValidationError) {
        guard arguments.count != Parser.conditionFunctions[name] else { return }
        throw ValidationError(
            "Incorrect number of operands for operator or function; operator or function: \(name), "
                + "number of operands: \(arguments.count)")
    }

    private func checkDistinct(_ name: String, _ operands: [Operand]) throws(ValidationError) {
        guard operands.count == 2, let first = operands[0].path, first == operands[1].path else { return }
        throw ValidationError(
            "The first operand must be distinct from the remaining operands for this operator or function; "
                + "operator: \(name), first operand: \(first)")
    }

    private func wrongType(_ name: String, _ type: String) -> String {
        "Incorrect operand type for operator or function; operator or function: \(name), operand type: "
            + "\(type)"
    }

    private mutating func comparison(
        _ comparator: Comparator, _ left: SyntaxOperand, _ right: SyntaxOperand
    ) throws(ValidationError) -> Condition {
        let bound = try operands([left, right])
        try checkDistinct(comparator.rawValue, bound)
        if comparator != .equal && comparator != .notEqual { try checkOrdered(comparator.rawValue, bound) }
        return .comparison(comparator, bound[0], bound[1])
    }

    private func checkOrdered(_ name: String, _ operands: [Operand]) throws(ValidationError) {
        for operand in operands {
            if let type = operand.staticType, !type.isScalarKey {
                throw ValidationError(wrongType(name, type.rawValue))
            }
        }
    }

    private mutating func between(
        _ value: SyntaxOperand, _ low: SyntaxOperand, _ high: SyntaxOperand
    ) throws(ValidationError) -> Condition {
        let bound = try operands([value, low, high])
        try checkOrdered("BETWEEN", bound)
        if case .value(let lower) = bound[1], case .value(let upper) = bound[2] {
            try Self.checkBounds(lower, upper)
        }
        return .between(bound[0], bound[1], bound[2])
    }

    private static func checkBounds(
        _ lower: AttributeValue, _ upper: AttributeValue
    ) throws(ValidationError) {
        let bounds =
            "lower bound operand: AttributeValue: \(shown(lower)), "
            + "upper bound operand: AttributeValue: \(shown(upper))"
        guard let order = lower.order(comparedTo: upper) else {
            throw ValidationError(
                "The BETWEEN operator requires same data type for lower and upper bounds; \(bounds)")
        }
        guard order <= 0 else {
            throw ValidationError(
                "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
                    + bounds)
        }
    }

    private static func shown(_ value: AttributeValue) -> String {
        "{\(value.typeName):\(value.json[value.typeName]?.string ?? "")}"
    }

    private mutating func membership(
        _ value: SyntaxOperand, _ list: [SyntaxOperand]
    ) throws(ValidationError) -> Condition {
        let bound = try operands([value] + list)
        // AWS counts the operand on the left.
        guard bound.count <= 101 else {
            throw ValidationError(
                "The IN operator is provided with too many operands; number of operands: \(bound.count)")
        }
        return .membership(bound[0], Array(bound.dropFirst()))
    }

    private mutating func call(
        _ name: String, _ arguments: [SyntaxOperand]
    ) throws(ValidationError) -> Condition {
        for argument in arguments { try resolveAll(argument) }
        try checkCount(name, arguments)
        let bound = try operands(arguments)
        try checkDistinct(name, bound)
        switch name {
        case "attribute_exists": return .attributeExists(try documentPath(name, bound[0]))
        case "attribute_not_exists": return .attributeNotExists(try documentPath(name, bound[0]))
        case "attribute_type": return .attributeType(bound[0], try typeName(bound[1]))
        case "begins_with":
            for operand in bound {
                if let type = operand.staticType, type != .s, type != .b {
                    throw ValidationError(wrongType(name, type.rawValue))
                }
            }
            return .beginsWith(bound[0], bound[1])
        default: return .contains(bound[0], bound[1])
        }
    }

    private func documentPath(_ name: String, _ operand: Operand) throws(ValidationError) -> DocumentPath {
        guard let path = operand.path else {
            throw ValidationError(
                "Operator or function requires a document path; operator or function: \(name)")
        }
        return path
    }

    private func typeName(_ operand: Operand) throws(ValidationError) -> AttributeType {
        guard case .value(.s(let name)) = operand else {
            let type = operand.staticType?.rawValue ?? "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}"
            throw ValidationError(wrongType("attribute_type", type))
        }
        guard let type = AttributeType(rawValue: name) else {
            throw ValidationError(
                "Invalid attribute type name found; type: \(name), "
                    + "valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}")
        }
        return type
    }
}

/// What a query asks of one key attribute.
public struct KeyCondition: Sendable {
    public enum Test: Sendable {
        case compare(Comparator, AttributeValue)
        case between(AttributeValue, AttributeValue)
        case beginsWith(AttributeValue)
        /// An operator of KeyConditions that no order of keys can answer: NE, IN, CONTAINS, ...
        case notIndexable

        /// All literals have this type, or the condition cannot hold.
        public var values: [AttributeValue] {
            switch self {
            case .compare(_, let value), .beginsWith(let value): [value]
            case .between(let low, let high): [low, high]
            case .notIndexable: []
            }
        }
    }

    public let attribute: String
    public let test: Test

    public init(attribute: String, test: Test) {
        self.attribute = attribute
        self.test = test
    }

    public func matches(_ value: AttributeValue) -> Bool {
        switch test {
        case .compare(let comparator, let bound): Condition.compare(comparator, value, bound)
        case .between(let low, let high):
            Condition.compare(.greaterOrEqual, value, low) && Condition.compare(.lessOrEqual, value, high)
        case .beginsWith(let prefix): Condition.begins(value, with: prefix)
        case .notIndexable: false
        }
    }
}

/// A KeyConditionExpression taken apart: at most one condition for each attribute. Whether the attributes are
/// keys is for the caller to check.
public struct KeyConditionExpression: Sendable {
    public let conditions: [KeyCondition]

    /// - Throws: `ValidationError` with AWS's text.
    public static func parse(
        _ text: String, attributes: inout ExpressionAttributes
    ) throws(ValidationError) -> KeyConditionExpression {
        let expression = try ConditionExpression.parse(text, kind: .keyCondition, attributes: &attributes)
        var conditions: [KeyCondition] = []
        try collect(expression.root, into: &conditions)
        for (index, condition) in conditions.enumerated()
        where conditions[..<index].contains(where: { UTF8Order.equal($0.attribute, condition.attribute) }) {
            throw ValidationError("KeyConditionExpressions must only contain one condition per key")
        }
        return KeyConditionExpression(conditions: conditions)
    }

    private static func collect(
        _ condition: Condition, into list: inout [KeyCondition]
    ) throws(ValidationError) {
        switch condition {
        case .and(let members): for member in members { try collect(member, into: &list) }
        case .or: throw invalidOperator("OR")
        case .not: throw invalidOperator("NOT")
        case .membership: throw invalidOperator("IN")
        case .comparison(.notEqual, _, _): throw invalidOperator("<>")
        case .attributeExists: throw invalidOperator("attribute_exists")
        case .attributeNotExists: throw invalidOperator("attribute_not_exists")
        case .attributeType: throw invalidOperator("attribute_type")
        case .contains: throw invalidOperator("contains")
        case .comparison(let comparator, let left, let right):
            list.append(try comparison(comparator, left, right))
        case .between(let key, let low, let high):
            let (name, values) = try take("BETWEEN", key, [low, high])
            list.append(KeyCondition(attribute: name, test: .between(values[0], values[1])))
        case .beginsWith(let key, let prefix):
            let (name, values) = try take("begins_with", key, [prefix])
            list.append(KeyCondition(attribute: name, test: .beginsWith(values[0])))
        }
    }

    private static func comparison(
        _ comparator: Comparator, _ left: Operand, _ right: Operand
    ) throws(ValidationError) -> KeyCondition {
        if case .value = left, case .path = right {
            let (name, values) = try take(comparator.rawValue, right, [left])
            return KeyCondition(attribute: name, test: .compare(comparator.swapped, values[0]))
        }
        let (name, values) = try take(comparator.rawValue, left, [right])
        return KeyCondition(attribute: name, test: .compare(comparator, values[0]))
    }

    private static func take(
        _ name: String, _ key: Operand, _ others: [Operand]
    ) throws(ValidationError) -> (String, [AttributeValue]) {
        let all = [key] + others
        let paths = all.compactMap(\.path)
        if all.contains(where: { if case .size = $0 { true } else { false } }) {
            throw ValidationError("KeyConditionExpressions cannot contain nested operations")
        }
        if paths.contains(where: \.isNested) {
            throw ValidationError("KeyConditionExpressions cannot have conditions on nested attributes")
        }
        guard let first = paths.first else {
            throw ValidationError(
                "Invalid condition in KeyConditionExpression: No key attribute specified")
        }
        guard paths.count == 1 else {
            throw ValidationError(
                "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
        }
        guard key.path != nil else {
            throw ValidationError(
                "Invalid condition in KeyConditionExpression: \(name) operator must have the key attribute "
                    + "as its first operand")
        }
        let values: [AttributeValue] = others.compactMap {
            if case .value(let value) = $0 { value } else { nil }
        }
        return (first.head, values)
    }

    private static func invalidOperator(_ name: String) -> ValidationError {
        ValidationError("Invalid operator used in KeyConditionExpression: \(name)")
    }
}

extension Comparator {
    /// The comparison with its sides exchanged.
    public var swapped: Comparator {
        switch self {
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        case .equal, .notEqual: self
        }
    }
}

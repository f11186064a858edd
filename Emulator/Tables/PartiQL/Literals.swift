import Expressions

/// Turns literals and parameters into values.
struct Literals {
    /// Levels of lists, maps and sets inside one literal.
    static let maximumNesting = 32

    let parameters: [AttributeValue]

    /// A value where one may stand on its own.
    /// - Throws: `ValidationError` when it is no value, or none that can be stored.
    func value(_ expression: Expression) throws(ValidationError) -> AttributeValue {
        if case .parameter(let index) = expression.kind { return parameters[index] }
        return try nested(expression, under: "root", depth: 0)
    }

    /// - Parameter key: the place inside the literal, as error texts show it.
    private func nested(
        _ expression: Expression, under key: String, depth: Int
    ) throws(ValidationError) -> AttributeValue {
        guard depth < Self.maximumNesting else {
            throw ValidationError("Nesting Levels have exceeded supported limits under \(key)")
        }
        switch expression.kind {
        case .string(let text): return .s(text)
        case .number(let digits): return .n(try DecimalNumber(digits))
        case .bool(let flag): return .bool(flag)
        case .null: return .null
        case .list(let members):
            var list: [AttributeValue] = []
            for (index, member) in members.enumerated() {
                list.append(try nested(member, under: "\(key)[\(index)]", depth: depth + 1))
            }
            return .l(list)
        case .tuple(let fields):
            return .m(
                try map(fields) { field throws(ValidationError) in
                    try nested(field.value, under: "\(key).\(field.name)", depth: depth + 1)
                })
        case .bag(let members): return try set(members, under: key, depth: depth)
        default:
            throw ValidationError(
                "Unsupported data type: \(Self.name(expression.kind)) under key \(key) at "
                    + "\(expression.position)")
        }
    }

    /// The item of an INSERT. Its attributes may be parameters.
    func item(_ expression: Expression) throws(ValidationError) -> Item {
        guard case .tuple(let fields) = expression.kind else {
            throw ValidationError("Unsupported data type in INSERT: only a map can be an item")
        }
        return try map(fields) { field throws(ValidationError) in try value(field.value) }
    }

    private func map(
        _ fields: [TupleField], _ value: (TupleField) throws(ValidationError) -> AttributeValue
    ) throws(ValidationError) -> AttributeMap {
        var pairs: [(name: String, value: AttributeValue)] = []
        for field in fields {
            guard !field.name.isEmpty else { throw ValidationError("Empty attribute name") }
            pairs.append((field.name, try value(field)))
        }
        return AttributeMap(pairs)
    }

    private func set(
        _ members: [Expression], under key: String, depth: Int
    ) throws(ValidationError) -> AttributeValue {
        guard !members.isEmpty else { throw ValidationError("Empty bags are not supported") }
        var strings: [String] = []
        var numbers: [(value: DecimalNumber, digits: String)] = []
        for member in members {
            switch member.kind {
            case .string(let text): strings.append(text)
            case .number(let digits): numbers.append((try DecimalNumber(digits), digits))
            case .parameter: _ = try nested(member, under: key, depth: depth + 1)
            default: throw Self.unsuitableBag
            }
        }
        let duplicates = "One or more parameter values were invalid: Input collection ["
        if numbers.isEmpty {
            let set = AttributeValue.strings(strings)
            guard case .ss(let distinct) = set, distinct.count == strings.count else {
                let listed = strings.joined(separator: ", ")
                throw ValidationError("\(duplicates)\(listed)] contains duplicates.")
            }
            return set
        }
        guard strings.isEmpty else { throw Self.unsuitableBag }
        let set = AttributeValue.numbers(numbers.map(\.value))
        guard case .ns(let distinct) = set, distinct.count == numbers.count else {
            let listed = numbers.map(\.digits).joined(separator: ", ")
            throw ValidationError("\(duplicates)\(listed)] contains duplicates! under \(key)")
        }
        return set
    }

    private static let unsuitableBag = ValidationError(
        "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags")

    private static func name(_ kind: Expression.Kind) -> String {
        switch kind {
        case .parameter: "Parameter"
        case .path: "VariableReference"
        case .missing: "LiteralMissing"
        case .select: "Select"
        case .call: "Call"
        case .between, .membership, .comparison, .and, .or, .not, .operation, .sign: "NAry"
        case .typeTest: "IsType"
        default: "Literal"
        }
    }
}

import Expressions

/// `ComparisonOperator` (Amazon DynamoDB API Reference, Condition), in the order in which AWS lists them.
enum LegacyOperator: String, Sendable, CaseIterable {
    case isIn = "IN"
    case null = "NULL"
    case between = "BETWEEN"
    case less = "LT"
    case notContains = "NOT_CONTAINS"
    case equal = "EQ"
    case greater = "GT"
    case notNull = "NOT_NULL"
    case notEqual = "NE"
    case lessOrEqual = "LE"
    case beginsWith = "BEGINS_WITH"
    case greaterOrEqual = "GE"
    case contains = "CONTAINS"

    static let names = allCases.map(\.rawValue)

    /// How many values it takes.
    var arguments: ClosedRange<Int> {
        switch self {
        case .null, .notNull: 0...0
        case .between: 2...2
        case .isIn: 1...Int.max
        default: 1...1
        }
    }

    /// Everything can be compared for equality; the rest needs an order, text or a member.
    func accepts(_ type: AttributeType) -> Bool {
        switch self {
        case .equal, .notEqual: true
        case .beginsWith: type == .s || type == .b
        default: type.isScalarKey
        }
    }

    var comparator: Comparator? {
        switch self {
        case .equal: .equal
        case .notEqual: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        default: nil
        }
    }
}

/// One entry of QueryFilter, ScanFilter or KeyConditions.
struct LegacyCondition: Sendable {
    let attribute: String
    /// `ComparisonOperator` as it came.
    let comparison: String?
    /// `AttributeValueList`
    let values: Result<[AttributeValue], ValidationError>?

    init(_ attribute: String, _ input: InputReader) throws(ValidationError) {
        self.attribute = attribute
        comparison = try input.string("ComparisonOperator")
        values = try input.attributeValues("AttributeValueList")
    }

    init(attribute: String, comparison: String?, values: Result<[AttributeValue], ValidationError>?) {
        self.attribute = attribute
        self.comparison = comparison
        self.values = values
    }

    static func invalid(_ text: String) -> ValidationError {
        ValidationError("One or more parameter values were invalid: \(text)")
    }

    /// The operator with values that fit it.
    private func checked() throws(ValidationError) -> (LegacyOperator, [AttributeValue]) {
        try LegacyParameters.check(name: attribute)
        let values = try values?.get() ?? []
        guard let comparison, let known = LegacyOperator(rawValue: comparison) else {
            // Constraints of the service model refuse it earlier.
            throw Self.invalid("Unknown ComparisonOperator \(comparison ?? "null")")
        }
        guard known.arguments.contains(values.count) else {
            throw Self.invalid("Invalid number of argument(s) for the \(comparison) ComparisonOperator")
        }
        guard let type = values.first?.type else { return (known, values) }
        guard values.allSatisfy({ $0.type == type }) else {
            throw Self.invalid("AttributeValues inside AttributeValueList must be of same type")
        }
        guard known.accepts(type) else {
            throw Self.invalid(
                "ComparisonOperator \(comparison) is not valid for \(type.rawValue) AttributeValue type")
        }
        if known == .between, let order = values[0].order(comparedTo: values[1]), order > 0 {
            throw ValidationError(
                "The BETWEEN condition was provided a range where the lower bound is greater than the "
                    + "upper bound")
        }
        return (known, values)
    }

    func translated() throws(ValidationError) -> Condition {
        let (known, values) = try checked()
        let path = DocumentPath(head: attribute)
        if let comparator = known.comparator {
            return .comparison(comparator, .path(path), .value(values[0]))
        }
        switch known {
        case .null: return .attributeNotExists(path)
        case .notNull: return .attributeExists(path)
        case .contains: return .contains(.path(path), .value(values[0]))
        // An absent attribute does not count as one without the value.
        case .notContains:
            return .and([.attributeExists(path), .not(.contains(.path(path), .value(values[0])))])
        case .beginsWith: return .beginsWith(.path(path), .value(values[0]))
        case .between: return .between(.path(path), .value(values[0]), .value(values[1]))
        default: return .membership(.path(path), values.map { .value($0) })
        }
    }

    func keyTest() throws(ValidationError) -> KeyCondition {
        let (known, values) = try checked()
        let test: KeyCondition.Test =
            switch known {
            case .equal, .less, .lessOrEqual, .greater, .greaterOrEqual:
                .compare(known.comparator ?? .equal, values[0])
            case .between: .between(values[0], values[1])
            case .beginsWith: .beginsWith(values[0])
            default: .notIndexable
            }
        return KeyCondition(attribute: attribute, test: test)
    }
}

/// One entry of Expected: a condition with a ComparisonOperator, or the older pair of Value and Exists.
struct LegacyExpectation: Sendable {
    let condition: LegacyCondition
    let value: Result<AttributeValue, ValidationError>?
    let exists: Bool?

    init(_ attribute: String, _ input: InputReader) throws(ValidationError) {
        condition = try LegacyCondition(attribute, input)
        value = try input.attributeValue("Value")
        exists = try input.bool("Exists")
    }

    func translated() throws(ValidationError) -> Condition {
        if condition.values != nil && value != nil {
            throw fault("Value and AttributeValueList cannot be used together")
        }
        guard let comparison = condition.comparison else { return try existence() }
        if exists != nil { throw fault("Exists and ComparisonOperator cannot be used together") }
        let needsNone = LegacyOperator(rawValue: comparison)?.arguments.upperBound == 0
        guard needsNone || condition.values != nil || value != nil else {
            throw fault("Value or AttributeValueList must be used with ComparisonOperator: \(comparison)")
        }
        let values = condition.values ?? value.map { $0.map { [$0] } }
        return try LegacyCondition(attribute: condition.attribute, comparison: comparison, values: values)
            .translated()
    }

    private func existence() throws(ValidationError) -> Condition {
        try LegacyParameters.check(name: condition.attribute)
        if condition.values != nil {
            throw fault("AttributeValueList can only be used with a ComparisonOperator")
        }
        let path = DocumentPath(head: condition.attribute)
        guard exists ?? true else {
            guard value == nil else { throw fault("Value cannot be used when Exists is false") }
            return .attributeNotExists(path)
        }
        guard let value else {
            throw fault("Value must be provided when Exists is \(exists.map { "\($0)" } ?? "null")")
        }
        return .comparison(.equal, .path(path), .value(try value.get()))
    }

    private func fault(_ text: String) -> ValidationError {
        LegacyCondition.invalid("\(text) for Attribute: \(condition.attribute)")
    }
}

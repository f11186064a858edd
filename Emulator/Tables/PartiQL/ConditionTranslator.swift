import Expressions

/// Turns the expression after WHERE into a condition of the evaluator that all expressions share.
struct ConditionTranslator {
    let literals: Literals
    private(set) var values: [String: AttributeValue] = [:]
    private var doublings = 0
    private static let maximumDoublings = 8

    init(_ literals: Literals) { self.literals = literals }

    /// Operands of one IN (AWS quota).
    static let maximumOperands = 100

    /// - Throws: `ValidationError` with the bare text.
    static func condition(
        _ expression: Expression, _ literals: Literals
    ) throws(ValidationError) -> ConditionExpression {
        var translator = ConditionTranslator(literals)
        let syntax = try translator.condition(expression)
        var attributes = ExpressionAttributes(values: translator.values)
        return try ConditionExpression(building: syntax, attributes: &attributes)
    }

    mutating func condition(_ expression: Expression) throws(ValidationError) -> SyntaxCondition {
        switch expression.kind {
        case .and(let members): return .and(try conditions(members))
        case .or(let members): return .or(try conditions(members))
        case .not(let inner): return .not(try condition(inner))
        case .comparison(let comparator, let left, let right):
            if Self.isCondition(left) || Self.isCondition(right) {
                return try booleans(comparator, left, right)
            }
            return .comparison(comparator, try operand(left), try operand(right))
        case .between(let value, let low, let high):
            if Self.isCondition(value) { throw Self.wrongType("BETWEEN") }
            return .between(try operand(value), try operand(low), try operand(high))
        case .membership(let value, let list): return try membership(value, list)
        case .typeTest(let tested, let type): return try typeTest(tested, type)
        case .call(let name, let arguments): return try call(name, arguments)
        case .operation(let name, _, _), .sign(let name, _): throw Self.unsupportedOperator(name)
        default:
            throw ValidationError("Unsupported condition in WHERE clause at \(expression.position)")
        }
    }

    private mutating func conditions(_ members: [Expression]) throws(ValidationError) -> [SyntaxCondition] {
        var list: [SyntaxCondition] = []
        for member in members { list.append(try condition(member)) }
        return list
    }

    static func unsupportedOperator(_ name: String) -> ValidationError {
        ValidationError("Unsupported operator in Condition Expression. Operator: \(name.uppercased())")
    }

    private static func wrongType(_ name: String) -> ValidationError {
        ValidationError(
            "Incorrect operand type for operator or function; operator or function: \(name), operand type: BOOL"
        )
    }

    // MARK: operands

    mutating func operand(_ expression: Expression) throws(ValidationError) -> SyntaxOperand {
        switch expression.kind {
        case .path(let steps): return .path(Self.path(steps))
        case .call("size", let arguments):
            var operands: [SyntaxOperand] = []
            for argument in arguments { operands.append(try operand(argument)) }
            return .function(name: "size", arguments: operands)
        case .operation(let name, _, _), .sign(let name, _): throw Self.unsupportedOperator(name)
        case .call(let name, _):
            throw ValidationError("Invalid function name; function: \(name)")
        default: return value(try literals.value(expression))
        }
    }

    mutating func value(_ value: AttributeValue) -> SyntaxOperand {
        let key = ":\(values.count)"
        values[key] = value
        return .value(key)
    }

    static func path(_ steps: [PathStep]) -> SyntaxPath {
        SyntaxPath(
            elements: steps.map { step in
                switch step {
                case .name(let name): .name(name)
                case .index(let index): .index(index)
                }
            })
    }

    // MARK: kinds of conditions

    private static let functions: Set<String> = [
        "attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains",
    ]

    /// Whether it is true or false by itself.
    private static func isCondition(_ expression: Expression) -> Bool {
        switch expression.kind {
        case .and, .or, .not, .comparison, .between, .membership, .typeTest: true
        case .call(let name, _): functions.contains(name)
        default: false
        }
    }

    private mutating func call(
        _ name: String, _ arguments: [Expression]
    ) throws(ValidationError) -> SyntaxCondition {
        if name == "exists" { throw PartiQLStatement.misplacedExists }
        guard Self.functions.contains(name) else {
            throw ValidationError("Invalid function name; function: \(name)")
        }
        var operands: [SyntaxOperand] = []
        for argument in arguments { operands.append(try operand(argument)) }
        return .function(name: name, arguments: operands)
    }

    private mutating func typeTest(
        _ tested: Expression, _ type: String
    ) throws(ValidationError) -> SyntaxCondition {
        let operand = try operand(tested)
        guard case .path = operand else { throw ValidationError("Unsupported operation: IsType") }
        switch type {
        case "missing": return .function(name: "attribute_not_exists", arguments: [operand])
        case "null": return .function(name: "attribute_type", arguments: [operand, value(.s("NULL"))])
        default: throw ValidationError("Unsupported operation: IsType")
        }
    }

    private mutating func membership(
        _ tested: Expression, _ list: Expression
    ) throws(ValidationError) -> SyntaxCondition {
        guard case .list(let members) = list.kind, !members.isEmpty else {
            throw ValidationError("The IN operator must be followed by a list with at least one operand")
        }
        guard members.count <= Self.maximumOperands else {
            throw ValidationError(
                "The IN operator is provided with too many operands; number of operands: \(members.count)")
        }
        if Self.isCondition(tested) { return try isAmong(tested, members) }
        let left = try operand(tested)
        var operands: [SyntaxOperand] = []
        for member in members { operands.append(try operand(member)) }
        return .membership(left, operands)
    }

    /// A condition among booleans. Anything else in the list matches neither of its values.
    private mutating func isAmong(
        _ tested: Expression, _ members: [Expression]
    ) throws(ValidationError) -> SyntaxCondition {
        let holds = try condition(tested)
        let (hasTrue, hasFalse) = (
            members.contains { $0.kind == .bool(true) }, members.contains { $0.kind == .bool(false) }
        )
        if hasTrue != hasFalse { return hasTrue ? holds : .not(holds) }
        try double()
        return hasTrue ? .or([holds, .not(holds)]) : .and([holds, .not(holds)])
    }

    /// Called before a condition is put in twice: nested, that grows as a power of two.
    private mutating func double() throws(ValidationError) {
        doublings += 1
        guard doublings <= Self.maximumDoublings else {
            throw ValidationError("The expression compares too many conditions with each other")
        }
    }

    /// A condition compared as the boolean it is.
    private mutating func booleans(
        _ comparator: Comparator, _ left: Expression, _ right: Expression
    ) throws(ValidationError) -> SyntaxCondition {
        guard comparator == .equal || comparator == .notEqual else {
            throw Self.wrongType(comparator.rawValue)
        }
        let (tested, other) = Self.isCondition(left) ? (left, right) : (right, left)
        let holds = try condition(tested)
        let equal: SyntaxCondition
        if case .bool(let flag) = other.kind { return flag == (comparator == .equal) ? holds : .not(holds) }
        try double()
        if Self.isCondition(other) {
            let second = try condition(other)
            equal = .or([.and([holds, second]), .and([.not(holds), .not(second)])])
        } else if case .path(let steps) = other.kind {
            let path = SyntaxOperand.path(Self.path(steps))
            equal = .or([
                .and([holds, .comparison(.equal, path, value(.bool(true)))]),
                .and([.not(holds), .comparison(.equal, path, value(.bool(false)))]),
            ])
        } else if case .bool(let flag) = try literals.value(other) {
            equal = flag ? holds : .not(holds)
        } else {
            equal = .and([holds, .not(holds)])
        }
        return comparator == .equal ? equal : .not(equal)
    }
}

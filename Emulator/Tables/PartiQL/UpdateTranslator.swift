import Expressions

/// Turns the changes of an UPDATE into an update expression.
struct UpdateTranslator {
    private var operands: ConditionTranslator

    private init(_ literals: Literals) { operands = ConditionTranslator(literals) }

    /// - Throws: `ValidationError` with the bare text.
    static func update(
        _ changes: [ChangeSyntax], _ literals: Literals
    ) throws(ValidationError) -> UpdateExpression {
        var translator = UpdateTranslator(literals)
        var actions: [SyntaxAction] = []
        for change in changes { actions.append(try translator.action(change)) }
        var attributes = ExpressionAttributes(values: translator.operands.values)
        return try UpdateExpression.build(actions, attributes: &attributes)
    }

    private mutating func action(_ change: ChangeSyntax) throws(ValidationError) -> SyntaxAction {
        switch change {
        case .remove(let target): return .remove(Self.path(target))
        case .set(let target, let source):
            switch source.kind {
            case .call(let name, let arguments) where name == "set_add" || name == "set_delete":
                return try setChange(target, name, arguments, source.position)
            case .operation(let name, let left, let right):
                let (a, b) = (try operand(left), try operand(right))
                switch name {
                case "+": return .set(Self.path(target), .sum(a, b))
                case "-": return .set(Self.path(target), .difference(a, b))
                default: throw Self.unsupported(name)
                }
            default: return .set(Self.path(target), .operand(try operand(source)))
            }
        }
    }

    private static func path(_ expression: Expression) -> SyntaxPath {
        guard case .path(let steps) = expression.kind else { return SyntaxPath(elements: []) }
        return ConditionTranslator.path(steps)
    }

    private static func unsupported(_ name: String) -> ValidationError {
        ValidationError("Unsupported operator in Update Expression. Operator: \(name)")
    }

    /// `SET path = set_add(path, <<...>>)` and its counterpart.
    private mutating func setChange(
        _ target: Expression, _ name: String, _ arguments: [Expression], _ position: SourcePosition
    ) throws(ValidationError) -> SyntaxAction {
        let shown = name.uppercased()
        guard arguments.count == 2 else {
            throw ValidationError(
                "Incorrect number of operands for operator or function; operator or function: \(shown), "
                    + "number of operands: \(arguments.count)")
        }
        guard arguments[0] == target else {
            throw ValidationError(
                "The first argument to \(shown) must equal the assignment value at \(position)")
        }
        let set = try operands.literals.value(arguments[1])
        switch set {
        case .ss, .ns, .bs: break
        default: throw Self.noSet(shown, arguments[0].position)
        }
        guard case .value(let reference) = operands.value(set) else {
            throw Self.noSet(shown, arguments[0].position)
        }
        let path = Self.path(target)
        return name == "set_add" ? .add(path, reference) : .delete(path, reference)
    }

    private static func noSet(_ name: String, _ position: SourcePosition) -> ValidationError {
        ValidationError("The second argument to \(name) must be a value with type SET at \(position)")
    }

    private mutating func operand(_ expression: Expression) throws(ValidationError) -> SyntaxOperand {
        switch expression.kind {
        case .call("list_append", let arguments):
            var list: [SyntaxOperand] = []
            for argument in arguments { list.append(try operand(argument)) }
            return .function(name: "list_append", arguments: list)
        case .call(let name, _): throw ValidationError("Invalid function name; function: \(name)")
        case .operation(let name, _, _), .sign(let name, _): throw Self.unsupported(name)
        default: return try operands.operand(expression)
        }
    }
}

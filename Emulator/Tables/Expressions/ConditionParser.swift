/// The grammar of condition, filter and key condition expressions.
extension Parser {
    static func condition(_ expression: String) throws(ValidationError) -> Syntax<SyntaxCondition> {
        var parser = try Parser(expression, keywords: conditionKeywords)
        let node = try parser.disjunction()
        let root = try parser.condition(from: node)
        try parser.expectEnd()
        return Syntax(root: root, faults: parser.faults)
    }

    static let conditionFunctions: [String: Int] = [
        "attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2, "begins_with": 2,
        "contains": 2, "size": 1,
    ]

    /// After an opening parenthesis either may come, and only what follows the closing one tells them apart.
    fileprivate enum Node {
        case operand(SyntaxOperand)
        case condition(SyntaxCondition)
        /// A whole node in parentheses.
        indirect case group(Node)

        var withoutGroups: Node {
            if case .group(let inner) = self { return inner.withoutGroups }
            return self
        }
    }

    /// Only a function call is a condition of its own; after any other operand a comparison must come.
    fileprivate mutating func condition(from node: Node) throws(ValidationError) -> SyntaxCondition {
        switch node {
        case .group(let inner): return try condition(from: inner)
        case .condition(let condition): return condition
        case .operand(.function(let name, let arguments)):
            if name == "size" { noteMisuse(name) }
            return .function(name: name, arguments: arguments)
        case .operand: throw syntaxError()
        }
    }

    private mutating func noteMisuse(_ name: String) {
        GrammarFaults.keepFirst(
            &faults.misusedFunction,
            "The function is not allowed to be used this way in an expression; function: \(name)")
    }

    fileprivate mutating func disjunction() throws(ValidationError) -> Node {
        let first = try conjunction()
        guard current.isKeyword("OR") else { return first }
        var members = [try condition(from: first)]
        while accept(keyword: "OR") {
            let node = try conjunction()
            members.append(try condition(from: node))
        }
        return .condition(.or(members))
    }

    private mutating func conjunction() throws(ValidationError) -> Node {
        let first = try negation()
        guard current.isKeyword("AND") else { return first }
        var members = [try condition(from: first)]
        while accept(keyword: "AND") {
            let node = try negation()
            members.append(try condition(from: node))
        }
        return .condition(.and(members))
    }

    private mutating func negation() throws(ValidationError) -> Node {
        var count = 0
        while accept(keyword: "NOT") { count += 1 }
        let node = try predicate()
        guard count > 0 else { return node }
        var result = try condition(from: node)
        for _ in 0..<count { result = .not(result) }
        return .condition(result)
    }

    private mutating func predicate() throws(ValidationError) -> Node {
        let node = try primary()
        guard case .operand(let left) = node.withoutGroups else { return node }
        if current.kind == .symbol, let comparator = Comparator(rawValue: current.text) {
            advance()
            let right = try checkedOperand()
            checkUse(of: left)
            checkUse(of: right)
            return .condition(.comparison(comparator, left, right))
        }
        if accept(keyword: "BETWEEN") {
            let low = try checkedOperand()
            guard accept(keyword: "AND") else { throw syntaxError() }
            let high = try checkedOperand()
            for operand in [left, low, high] { checkUse(of: operand) }
            return .condition(.between(left, low, high))
        }
        if accept(keyword: "IN") {
            try expect("(")
            let list = try arguments()
            for operand in [left] + list {
                checkCall(operand)
                checkUse(of: operand)
            }
            return .condition(.membership(left, list))
        }
        return node
    }

    private mutating func checkedOperand() throws(ValidationError) -> SyntaxOperand {
        let operand = try operand()
        checkCall(operand)
        return operand
    }

    private mutating func primary() throws(ValidationError) -> Node {
        guard accept(symbol: "(") else {
            let operand = try bareOperand()
            checkCall(operand)
            return .operand(operand)
        }
        let inner = try disjunction()
        try expect(")")
        if case .group = inner { noteRedundantParentheses() }
        return .group(inner)
    }

    /// Unknown functions, and functions other than `size` as arguments.
    private mutating func checkCall(_ operand: SyntaxOperand) {
        guard case .function(let name, let arguments) = operand else { return }
        for argument in arguments {
            checkCall(argument)
            checkUse(of: argument)
        }
        if Self.conditionFunctions[name] == nil {
            noteWrongFunction(name, isOther: Self.updateFunctions.contains(name), "a condition")
        }
    }

    /// As an operand only `size` has a value.
    private mutating func checkUse(of operand: SyntaxOperand) {
        if case .function(let name, _) = operand, name != "size" { noteMisuse(name) }
    }
}

/// The grammars of update and projection expressions.
extension Parser {
    static func update(_ expression: String) throws(ValidationError) -> Syntax<[SyntaxAction]> {
        var parser = try Parser(expression, keywords: updateKeywords, tellsSize: false)
        var actions: [SyntaxAction] = []
        var seen: Set<String> = []
        repeat {
            let section = parser.current
            let name = section.text.uppercased()
            guard section.kind == .word, updateKeywords.contains(name) else { throw parser.syntaxError() }
            parser.advance()
            repeat { actions.append(try parser.action(name)) } while parser.accept(symbol: ",")
            if !seen.insert(name).inserted {
                GrammarFaults.keepFirst(
                    &parser.faults.section,
                    "The \"\(name)\" section can only be used once in an update expression;")
            }
        } while parser.current.kind != .end
        return Syntax(root: actions, faults: parser.faults)
    }

    static func projection(_ expression: String) throws(ValidationError) -> Syntax<[SyntaxPath]> {
        var parser = try Parser(expression, keywords: [])
        var paths = [try parser.path()]
        while parser.accept(symbol: ",") { paths.append(try parser.path()) }
        try parser.expectEnd()
        return Syntax(root: paths, faults: parser.faults)
    }

    static let updateFunctions: Set<String> = ["if_not_exists", "list_append"]

    private mutating func action(_ section: String) throws(ValidationError) -> SyntaxAction {
        let path = try path()
        switch section {
        case "SET":
            try expect("=")
            return .set(path, try setValue())
        case "REMOVE": return .remove(path)
        case "ADD": return .add(path, try literal())
        default: return .delete(path, try literal())
        }
    }

    /// ADD and DELETE take a `:value` only.
    private mutating func literal() throws(ValidationError) -> String {
        guard current.kind == .valueReference else { throw syntaxError() }
        defer { advance() }
        return current.text
    }

    private mutating func setValue() throws(ValidationError) -> SyntaxSetValue {
        // `(a + b)` is allowed around the whole value; `(a) + b` starts alike, so look ahead for the match.
        if current.isSymbol("("), wholeValueIsParenthesised() {
            advance()
            let inner = try setValue()
            try expect(")")
            return inner
        }
        let left = try setOperand()
        if accept(symbol: "+") { return .sum(left, try setOperand()) }
        if accept(symbol: "-") { return .difference(left, try setOperand()) }
        return .operand(left)
    }

    private func wholeValueIsParenthesised() -> Bool {
        var depth = 0
        for index in position..<tokens.count {
            if tokens[index].isSymbol("(") { depth += 1 }
            if tokens[index].isSymbol(")") {
                depth -= 1
                guard depth == 0 else { continue }
                let next = tokens[min(index + 1, tokens.count - 1)]
                return !next.isSymbol("+") && !next.isSymbol("-")
            }
        }
        return false
    }

    private mutating func setOperand() throws(ValidationError) -> SyntaxOperand {
        let operand = try operand()
        checkUpdateCall(operand)
        return operand
    }

    private mutating func checkUpdateCall(_ operand: SyntaxOperand) {
        guard case .function(let name, let arguments) = operand else { return }
        for argument in arguments { checkUpdateCall(argument) }
        if !Self.updateFunctions.contains(name) {
            noteWrongFunction(name, isOther: Self.conditionFunctions[name] != nil, "an update")
        }
    }
}

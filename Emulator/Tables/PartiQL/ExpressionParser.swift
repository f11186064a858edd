import Expressions

/// The grammar of expressions, by precedence climbing.
extension Parser {
    private enum Precedence {
        static let or = 10
        static let and = 20
        static let not = 30
        static let equality = 40
        static let comparison = 50
        static let addition = 60
        static let multiplication = 70
    }

    private static let symbolPrecedence: [String: Int] = [
        "=": Precedence.equality, "<>": Precedence.equality, "!=": Precedence.equality,
        "<": Precedence.comparison, "<=": Precedence.comparison, ">": Precedence.comparison,
        ">=": Precedence.comparison, "+": Precedence.addition, "-": Precedence.addition,
        "||": Precedence.addition, "*": Precedence.multiplication, "/": Precedence.multiplication,
        "%": Precedence.multiplication,
    ]
    private static let wordPrecedence: [String: Int] = [
        "or": Precedence.or, "and": Precedence.and, "is": Precedence.equality, "in": Precedence.equality,
        "between": Precedence.comparison, "like": Precedence.comparison,
    ]

    /// The infix operator that stands here: its text, its precedence, and whether NOT is before it.
    private func infix() -> (name: String, precedence: Int, isNegated: Bool)? {
        switch current.kind {
        case .symbol(let text): return Self.symbolPrecedence[text].map { (text, $0, false) }
        case .keyword("not"):
            guard case .keyword(let word) = peek().kind, ["in", "between", "like"].contains(word) else {
                return nil
            }
            return Self.wordPrecedence[word].map { (word, $0, true) }
        case .keyword(let word): return Self.wordPrecedence[word].map { (word, $0, false) }
        default: return nil
        }
    }

    /// - Parameter precedence: operators bind tighter than this.
    mutating func expression(_ precedence: Int = 0) throws(ValidationError) -> Expression {
        try enter()
        defer { depth -= 1 }
        var left = try unary()
        var links = 0
        while let found = infix(), found.precedence > precedence {
            if found.name != "and" && found.name != "or" { links += 1 }
            guard links <= Self.maximumDepth else { throw Self.tooDeep }
            advance()
            if found.isNegated { advance() }
            let kind = try right(of: left, found.name, found.precedence)
            left = Expression(kind: kind, position: left.position)
            if found.isNegated { left = Expression(kind: .not(left), position: left.position) }
        }
        return left
    }

    /// What an infix operator makes of its left side and of what follows it.
    private mutating func right(
        of left: Expression, _ name: String, _ precedence: Int
    ) throws(ValidationError) -> Expression.Kind {
        switch name {
        case "is":
            let isNegated = accept(keyword: "not")
            let test = Expression.Kind.typeTest(left, try typeName())
            return isNegated ? .not(Expression(kind: test, position: left.position)) : test
        case "in" where current.isSymbol("(") && !peek().isKeyword("select"):
            let position = current.position
            advance()
            let list = try arguments()
            try expect(symbol: ")")
            return .membership(left, Expression(kind: .list(list), position: position))
        case "between":
            let low = try operand(precedence)
            guard accept(keyword: "and") else { throw error("Expected AND keyword") }
            guard current.kind != .end else { throw error("Expected expression after AND") }
            return .between(left, low, try expression(precedence))
        default:
            return Self.join(left, name, try operand(precedence))
        }
    }

    private mutating func operand(_ precedence: Int) throws(ValidationError) -> Expression {
        guard current.kind != .end else {
            throw error("Missing right-hand side expression of infix operator")
        }
        return try expression(precedence)
    }

    private static func join(_ left: Expression, _ name: String, _ right: Expression) -> Expression.Kind {
        switch name {
        case "and":
            func members(_ side: Expression) -> [Expression] {
                if case .and(let list) = side.kind { list } else { [side] }
            }
            return .and(members(left) + members(right))
        case "or":
            func members(_ side: Expression) -> [Expression] {
                if case .or(let list) = side.kind { list } else { [side] }
            }
            return .or(members(left) + members(right))
        case "in": return .membership(left, right)
        default:
            let comparator = Comparator(rawValue: name == "!=" ? "<>" : name)
            return comparator.map { .comparison($0, left, right) } ?? .operation(name, left, right)
        }
    }

    private mutating func typeName() throws(ValidationError) -> String {
        guard case .keyword(let word) = current.kind, Keywords.types.contains(word) else {
            throw error("Expected type name")
        }
        advance()
        return word
    }

    private mutating func unary() throws(ValidationError) -> Expression {
        let token = current
        if accept(keyword: "not") {
            return Expression(kind: .not(try expression(Precedence.not)), position: token.position)
        }
        guard case .symbol(let sign) = token.kind, sign == "-" || sign == "+" else { return try path() }
        advance()
        try enter()
        defer { depth -= 1 }
        let term = try unary()
        guard case .number(let digits) = term.kind else {
            return Expression(kind: .sign(sign, term), position: token.position)
        }
        let negated = digits.hasPrefix("-") ? String(digits.dropFirst()) : "-" + digits
        return Expression(kind: .number(sign == "-" ? negated : digits), position: term.position)
    }

    // MARK: paths

    /// A term with what follows it by dots and brackets.
    private mutating func path() throws(ValidationError) -> Expression {
        let term = try term()
        guard current.isSymbol(".") || current.isSymbol("[") else { return term }
        guard case .path(var steps) = term.kind else {
            throw ValidationError("Unexpected path component at \(term.position)")
        }
        try steps += self.steps()
        return Expression(kind: .path(steps), position: term.position)
    }

    /// A path as SET and REMOVE take it.
    mutating func simplePath() throws(ValidationError) -> Expression {
        let token = current
        switch token.kind {
        case .identifier(let name), .quoted(let name):
            advance()
            return Expression(kind: .path([.name(name)] + (try steps())), position: token.position)
        default: throw error("Expected identifier for simple path")
        }
    }

    private mutating func steps() throws(ValidationError) -> [PathStep] {
        var steps: [PathStep] = []
        while true {
            if accept(symbol: ".") {
                switch current.kind {
                case .identifier(let name), .quoted(let name):
                    advance()
                    steps.append(.name(name))
                default: throw error("Invalid path dot component")
                }
            } else if accept(symbol: "[") {
                let component = try expression()
                try expect(symbol: "]")
                steps.append(try Self.step(component))
            } else {
                return steps
            }
        }
    }

    private static func step(_ component: Expression) throws(ValidationError) -> PathStep {
        switch component.kind {
        case .string(let name): return .name(name)
        case .number(let digits) where digits.utf8.allSatisfy({ $0 != 0x2E && $0 | 0x20 != 0x65 }):
            guard let index = Int(digits), (0...Int(Int32.max)).contains(index) else {
                throw ValidationError(
                    "List index is not within the allowable range; index: [\(digits)] at "
                        + "\(component.position)")
            }
            return .index(index)
        default: throw ValidationError("Unexpected path component at \(component.position)")
        }
    }

    // MARK: terms

    private mutating func term() throws(ValidationError) -> Expression {
        let token = current
        advance()
        let kind: Expression.Kind
        switch token.kind {
        case .identifier(let name):
            kind = current.isSymbol("(") ? try call(name) : .path([.name(name)])
        case .quoted(let name):
            kind = current.isSymbol("(") ? try call(name) : .path([.name(name)])
        case .string(let text): kind = .string(text)
        case .number(let digits): kind = .number(digits)
        case .parameter:
            kind = .parameter(parameters)
            parameters += 1
        case .keyword(let word): kind = try keywordTerm(word)
        case .symbol(let text): kind = try symbolTerm(text)
        case .end: throw error("Unexpected term")
        }
        return Expression(kind: kind, position: token.position)
    }

    private mutating func keywordTerm(_ word: String) throws(ValidationError) -> Expression.Kind {
        switch word {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        case "missing": return .missing
        case "select": return .select(try select())
        default:
            guard Keywords.functions.contains(word), current.isSymbol("(") else {
                throw error("Unexpected keyword")
            }
            return try call(word)
        }
    }

    private mutating func symbolTerm(_ text: String) throws(ValidationError) -> Expression.Kind {
        switch text {
        case "(":
            let members = try arguments()
            try expect(symbol: ")")
            return members.count == 1 ? members[0].kind : .list(members)
        case "[":
            let members = try current.isSymbol("]") ? [] : arguments()
            try expect(symbol: "]")
            return .list(members)
        case "<<":
            let members = try current.isSymbol(">>") ? [] : arguments()
            try expect(symbol: ">>")
            return .bag(members)
        case "{": return try tuple()
        case "=", "<>", "!=", "<", "<=", ">", ">=", "||", "/", "%", "@": throw error("Unexpected operator")
        default: throw error("Unexpected term")
        }
    }

    private mutating func arguments() throws(ValidationError) -> [Expression] {
        var list: [Expression] = []
        repeat { list.append(try expression()) } while accept(symbol: ",")
        return list
    }

    private mutating func call(_ name: String) throws(ValidationError) -> Expression.Kind {
        try expect(symbol: "(")
        let name = name.lowercased()
        if current.isSymbol("*") {
            // COUNT(*): known to the language, refused where it is used.
            advance()
            try expect(symbol: ")")
            return .call(name, [])
        }
        let list = try current.isSymbol(")") ? [] : arguments()
        try expect(symbol: ")")
        return .call(name, list)
    }

    private mutating func tuple() throws(ValidationError) -> Expression.Kind {
        var fields: [TupleField] = []
        if accept(symbol: "}") { return .tuple(fields) }
        repeat {
            let name: String
            switch current.kind {
            case .string(let text), .quoted(let text), .identifier(let text): name = text
            default: throw error("Unexpected term")
            }
            advance()
            try expect(symbol: ":")
            fields.append(TupleField(name: name, value: try expression()))
        } while accept(symbol: ",")
        try expect(symbol: "}")
        return .tuple(fields)
    }
}

import Expressions

/// Recursive descent over the tokens of one statement (Amazon DynamoDB Developer Guide, "PartiQL - a
/// SQL-compatible query language for Amazon DynamoDB"). The texts of its errors are those of the PartiQL
/// reference parser, which AWS passes on.
struct Parser {
    /// Levels of nesting, and operators in a row that nest. It bounds the recursion here and in all that walks
    /// the tree.
    static let maximumDepth = 128

    private let tokens: [Token]
    private var index = 0
    var depth = 0
    /// Parameters seen so far.
    var parameters = 0

    private init(_ text: String) throws(ValidationError) { tokens = try Lexer.tokens(of: text) }

    /// - Returns: the statement, and how many parameters it has.
    static func parse(_ text: String) throws(ValidationError) -> (StatementSyntax, parameters: Int) {
        var parser = try Parser(text)
        let statement = try parser.statement()
        _ = parser.accept(symbol: ";")
        guard parser.current.kind == .end else {
            throw parser.error("Unexpected token after expression")
        }
        return (statement, parser.parameters)
    }

    // MARK: tokens

    var current: Token { tokens[index] }
    func peek(_ distance: Int = 1) -> Token { tokens[min(index + distance, tokens.count - 1)] }
    mutating func advance() { index = min(index + 1, tokens.count - 1) }

    mutating func accept(symbol: String) -> Bool {
        guard current.isSymbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func accept(keyword: String) -> Bool {
        guard current.isKeyword(keyword) else { return false }
        advance()
        return true
    }

    private static let symbolNames = [
        "(": "LEFT_PAREN", ")": "RIGHT_PAREN", "]": "RIGHT_BRACKET", "}": "RIGHT_CURLY",
        ">>": "RIGHT_DOUBLE_ANGLE_BRACKET", ":": "COLON",
    ]

    mutating func expect(symbol: String) throws(ValidationError) {
        guard accept(symbol: symbol) else {
            throw error("Expected \(Self.symbolNames[symbol] ?? symbol)")
        }
    }

    private mutating func expect(keyword: String) throws(ValidationError) {
        guard accept(keyword: keyword) else { throw error("Expected \(keyword.uppercased()) keyword") }
    }

    func error(_ detail: String) -> ValidationError { Lexer.malformed(detail) }

    mutating func enter() throws(ValidationError) {
        depth += 1
        guard depth <= Self.maximumDepth else { throw Self.tooDeep }
    }

    static let tooDeep = ValidationError("Nesting Levels have exceeded supported limits")

    // MARK: statements

    private mutating func statement() throws(ValidationError) -> StatementSyntax {
        guard case .keyword(let word) = current.kind else { throw error("Expected data manipulation") }
        switch word {
        case "select":
            advance()
            return .select(try select())
        case "exists" where peek().isSymbol("("):
            advance()
            advance()
            guard accept(keyword: "select") else { throw error("Unexpected term") }
            let select = try select()
            try expect(symbol: ")")
            return .exists(select)
        case "insert":
            advance()
            return try insert()
        case "update":
            advance()
            return try update()
        case "delete":
            advance()
            return try delete()
        default: throw error("Expected data manipulation")
        }
    }

    /// What follows SELECT.
    mutating func select() throws(ValidationError) -> SelectSyntax {
        try enter()
        defer { depth -= 1 }
        let columns = try columns()
        guard accept(keyword: "from") else { throw error("Expected FROM after SELECT list") }
        let source = try source()
        if current.isSymbol(",") {
            throw ValidationError("FROM clause may only contain a single table name")
        }
        let condition = accept(keyword: "where") ? try expression() : nil
        var order: [OrderTerm] = []
        if accept(keyword: "order") {
            try expect(keyword: "by")
            repeat { order.append(try orderTerm()) } while accept(symbol: ",")
        }
        try refuseClauses()
        return SelectSyntax(columns: columns, source: source, condition: condition, order: order)
    }

    private mutating func columns() throws(ValidationError) -> [Expression]? {
        if current.isSymbol("*") {
            advance()
            if current.isSymbol(",") { throw Self.starNotAlone(self) }
            return nil
        }
        var columns: [Expression] = []
        repeat {
            if current.isSymbol("*") { throw Self.starNotAlone(self) }
            columns.append(try expression())
        } while accept(symbol: ",")
        return columns
    }

    private static func starNotAlone(_ parser: Parser) -> ValidationError {
        parser.error(
            "Other expressions may not be present in the select list when '*' is used without dot notation.")
    }

    private mutating func orderTerm() throws(ValidationError) -> OrderTerm {
        let expression = try expression()
        let isDescending = accept(keyword: "desc")
        if !isDescending { _ = accept(keyword: "asc") }
        return OrderTerm(expression: expression, isDescending: isDescending)
    }

    /// Clauses of the language that the service does not have.
    private func refuseClauses() throws(ValidationError) {
        for (word, name) in [
            ("group", "GROUP BY"), ("having", "HAVING"), ("limit", "LIMIT"), ("offset", "OFFSET"),
        ] where current.isKeyword(word) {
            throw ValidationError("Unsupported clause: \(name) at \(current.position)")
        }
    }

    private mutating func source() throws(ValidationError) -> SourceName {
        var parts = [try sourcePart("Unexpected term")]
        while accept(symbol: ".") { parts.append(try sourcePart("Invalid path dot component")) }
        guard parts.count <= 2 else {
            throw ValidationError("A path may contain at most 2 components in the FROM clause")
        }
        guard parts.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("Path component cannot be an empty string")
        }
        return SourceName(table: parts[0], index: parts.count == 2 ? parts[1] : nil)
    }

    private mutating func sourcePart(_ fault: String) throws(ValidationError) -> String {
        switch current.kind {
        case .identifier(let name), .quoted(let name):
            advance()
            return name
        case .keyword where fault == "Unexpected term": throw error("Unexpected keyword")
        default: throw error(fault)
        }
    }

    /// The target of a write, which is a plain path.
    private mutating func target() throws(ValidationError) -> SourceName {
        switch current.kind {
        case .identifier, .quoted: return try source()
        default: throw error("Expected identifier for simple path")
        }
    }

    private mutating func insert() throws(ValidationError) -> StatementSyntax {
        guard accept(keyword: "into") else { throw error("Unexpected keyword") }
        let target = try target()
        guard target.index == nil else {
            throw ValidationError("FROM clause may only contain a single table name")
        }
        guard accept(keyword: "value") else {
            // The language has a list form too; the service does not.
            _ = try expression()
            throw error("Expected VALUE keyword")
        }
        return .insert(target, try expression())
    }

    private mutating func update() throws(ValidationError) -> StatementSyntax {
        let target = try target()
        var changes: [ChangeSyntax] = []
        while true {
            if accept(keyword: "set") {
                repeat { changes.append(try assignment()) } while accept(symbol: ",")
            } else if accept(keyword: "remove") {
                repeat { changes.append(.remove(try simplePath())) } while accept(symbol: ",")
            } else {
                break
            }
        }
        guard !changes.isEmpty else { throw error("Expected data manipulation") }
        let condition = accept(keyword: "where") ? try expression() : nil
        return .update(target, changes, condition, try returning())
    }

    private mutating func assignment() throws(ValidationError) -> ChangeSyntax {
        let path = try simplePath()
        guard accept(symbol: "=") else { throw error("Expected '=' for SET") }
        return .set(path, try expression())
    }

    private mutating func delete() throws(ValidationError) -> StatementSyntax {
        guard accept(keyword: "from") else { throw error("Expected FROM after DELETE") }
        let target = try target()
        let condition = accept(keyword: "where") ? try expression() : nil
        return .delete(target, condition, try returning())
    }

    private mutating func returning() throws(ValidationError) -> Returning? {
        guard accept(keyword: "returning") else { return nil }
        let isModified = accept(keyword: "modified")
        guard isModified || accept(keyword: "all") else {
            throw error("Expected ALL or MODIFIED in a returning clause element.")
        }
        let isNew = accept(keyword: "new")
        guard isNew || accept(keyword: "old") else {
            throw error("Expected NEW or OLD in a returning clause element.")
        }
        guard accept(symbol: "*") else {
            throw ValidationError("RETURNING clause may only contain *")
        }
        return Returning(isModified: isModified, isNew: isNew)
    }
}

/// Recursive descent over the tokens of one expression: the parts that all five kinds share.
///
/// Errors are bare texts; the caller puts `Invalid ...Expression: ` before them.
struct Parser {
    /// Bytes of text (AWS quota "Maximum length of any expression string").
    static let maximumBytes = 4096
    static let maximumOperators = 300
    /// AWS takes every index below the largest of 32 bits.
    static let maximumIndex = Int(UInt32.max) - 1

    let text: [UInt8]
    let tokens: [Token]
    var position = 0
    var faults = GrammarFaults()
    /// Words that may not start a path in this kind of expression.
    let keywords: Set<String>

    static let conditionKeywords: Set<String> = ["BETWEEN", "IN", "AND", "OR", "NOT"]
    static let updateKeywords: Set<String> = ["SET", "REMOVE", "ADD", "DELETE"]

    /// - Throws: a text when the expression is empty, too long or has too many operators.
    /// - Parameter tellsSize: whether the text about its length says how long it is.
    init(_ expression: String, keywords: Set<String>, tellsSize: Bool = true) throws(ValidationError) {
        text = Array(expression.utf8)
        self.keywords = keywords
        guard text.count <= Self.maximumBytes else {
            throw ValidationError(
                "Expression size has exceeded the maximum allowed size;"
                    + (tellsSize ? " expression size: \(text.count)" : ""))
        }
        tokens = Lexer.tokens(of: expression)
        guard tokens.count > 1 else { throw ValidationError("The expression can not be empty;") }
        try checkOperators()
    }

    /// Counting before parsing also bounds the depth of the recursion.
    private func checkOperators() throws(ValidationError) {
        var (operators, depth, deepest) = (0, 0, 0)
        for (index, token) in tokens.enumerated() {
            if isOperator(token, at: index) { operators += 1 }
            if token.isSymbol("(") { depth += 1 }
            if token.isSymbol(")") { depth -= 1 }
            deepest = max(deepest, depth)
        }
        if operators > Self.maximumOperators {
            if let name = unknownFunction { throw ValidationError(Self.unknown(name)) }
            throw ValidationError(
                "The expression contains too many operators; operator count: \(operators)")
        }
        // Each level that is not redundant needs an operator of its own.
        if deepest > Self.maximumOperators + 1 {
            throw ValidationError("The expression has redundant parentheses;")
        }
    }

    private func isOperator(_ token: Token, at index: Int) -> Bool {
        switch token.kind {
        case .symbol: ["=", "<>", "<", "<=", ">", ">=", "+", "-"].contains(token.text)
        case .word:
            // BETWEEN counts by its AND.
            isKeyword(token)
                ? ["AND", "OR", "NOT", "IN"].contains(token.text.uppercased()) : isCalled(token, at: index)
        default: false
        }
    }

    /// Whether the word stands before a parenthesis.
    private func isCalled(_ token: Token, at index: Int) -> Bool {
        token.kind == .word && !isKeyword(token) && tokens[min(index + 1, tokens.count - 1)].isSymbol("(")
    }

    /// The first that no kind of expression has.
    private var unknownFunction: String? {
        tokens.enumerated().first { index, token in
            isCalled(token, at: index) && Self.conditionFunctions[token.text] == nil
                && !Self.updateFunctions.contains(token.text)
        }?.element.text
    }

    private static func unknown(_ function: String) -> String {
        "Invalid function name; function: \(function)"
    }

    var current: Token { tokens[position] }
    func peek(_ distance: Int = 1) -> Token { tokens[min(position + distance, tokens.count - 1)] }

    mutating func advance() { position = min(position + 1, tokens.count - 1) }

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

    mutating func expect(_ symbol: String) throws(ValidationError) {
        guard accept(symbol: symbol) else { throw syntaxError() }
    }

    func expectEnd() throws(ValidationError) {
        guard current.kind == .end else { throw syntaxError() }
    }

    /// Quotes the offending token with its neighbours as they stand in the text.
    func syntaxError() -> ValidationError {
        let previous = tokens[max(position - 1, 0)]
        let next = tokens[min(position + 1, tokens.count - 1)]
        let last = next.kind != .end ? next : current.kind != .end ? current : previous
        let near = String(
            decoding: text[previous.range.lowerBound..<last.range.upperBound], as: UTF8.self)
        return ValidationError("Syntax error; token: \"\(current.text)\", near: \"\(near)\"")
    }

    private func isKeyword(_ token: Token) -> Bool {
        token.kind == .word && keywords.contains(token.text.uppercased())
    }

    // MARK: paths and operands

    mutating func path() throws(ValidationError) -> SyntaxPath {
        var elements = [try pathName()]
        while true {
            if accept(symbol: ".") {
                elements.append(try pathName())
            } else if current.isSymbol("[") {
                elements.append(try pathIndex())
            } else {
                return SyntaxPath(elements: elements)
            }
        }
    }

    private mutating func pathName() throws(ValidationError) -> SyntaxPath.Element {
        let token = current
        switch token.kind {
        case .word where !isKeyword(token):
            if ReservedWords.contains(token.text) {
                GrammarFaults.keepFirst(
                    &faults.reserved,
                    "Attribute name is a reserved keyword; reserved keyword: \(token.text)")
            }
            advance()
            return .name(token.text)
        case .nameReference:
            advance()
            return .reference(token.text)
        default: throw syntaxError()
        }
    }

    private mutating func pathIndex() throws(ValidationError) -> SyntaxPath.Element {
        try expect("[")
        guard current.kind == .digits else { throw syntaxError() }
        guard let index = Int(current.text), index <= Self.maximumIndex else {
            throw ValidationError(
                "List index is not within the allowable range; index: [\(current.text)]")
        }
        advance()
        try expect("]")
        return .index(index)
    }

    /// A path, a `:value` or a function call, without parentheses around it.
    mutating func bareOperand() throws(ValidationError) -> SyntaxOperand {
        let token = current
        if token.kind == .valueReference {
            advance()
            return .value(token.text)
        }
        guard token.kind == .word, !isKeyword(token), peek().isSymbol("(") else { return .path(try path()) }
        advance()
        advance()
        return .function(name: token.text, arguments: try arguments())
    }

    /// From behind the opening parenthesis to behind the closing one.
    mutating func arguments() throws(ValidationError) -> [SyntaxOperand] {
        var list = [try operand()]
        while accept(symbol: ",") { list.append(try operand()) }
        try expect(")")
        return list
    }

    /// An operand, perhaps in parentheses.
    mutating func operand() throws(ValidationError) -> SyntaxOperand {
        guard current.isSymbol("(") else { return try bareOperand() }
        let doubled = peek().isSymbol("(")
        advance()
        let inner = try operand()
        try expect(")")
        if doubled { noteRedundantParentheses() }
        return inner
    }

    /// - Parameters:
    ///   - isOther: whether expressions of the other kind have the function.
    ///   - place: this kind of expression, with its article.
    mutating func noteWrongFunction(_ name: String, isOther: Bool, _ place: String) {
        GrammarFaults.keepFirst(
            &faults.unknownFunction,
            isOther
                ? "The function is not allowed in \(place) expression; function: \(name)"
                : Self.unknown(name))
    }

    mutating func noteRedundantParentheses() {
        GrammarFaults.keepFirst(&faults.parentheses, "The expression has redundant parentheses;")
    }
}

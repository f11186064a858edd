import Expressions

/// Splits a statement into tokens. White space and comments (`-- ...`, `/* ... */`) only separate.
struct Lexer {
    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var line = 1
    private var lineStart = 0

    private init(_ text: String) { scalars = Array(text.unicodeScalars) }

    /// The tokens with an `end` token after them.
    static func tokens(of text: String) throws(ValidationError) -> [Token] {
        var lexer = Lexer(text)
        var tokens: [Token] = []
        while let token = try lexer.next() { tokens.append(token) }
        let position = SourcePosition(line: lexer.line, column: lexer.index - lexer.lineStart + 1, length: 0)
        tokens.append(Token(kind: .end, position: position))
        return tokens
    }

    /// The error for what is no PartiQL.
    static func malformed(_ detail: String) -> ValidationError {
        ValidationError("Statement wasn't well formed, can't be processed: \(detail)")
    }

    private func peek(_ distance: Int = 0) -> Unicode.Scalar? {
        index + distance < scalars.count ? scalars[index + distance] : nil
    }

    private mutating func advance() {
        if scalars[index] == "\n" {
            line += 1
            lineStart = index + 1
        }
        index += 1
    }

    private mutating func next() throws(ValidationError) -> Token? {
        try skipBlanks()
        guard let first = peek() else { return nil }
        let (start, startLine, startColumn) = (index, line, index - lineStart + 1)
        let kind: Token.Kind
        switch first {
        case "'": kind = .string(try quoted("'"))
        case "\"": kind = .quoted(try quoted("\""))
        case "?":
            advance()
            kind = .parameter
        case "0"..."9": kind = .number(number())
        case "." where peek(1).map(Self.isDigit) ?? false: kind = .number(number())
        case "a"..."z", "A"..."Z", "_", "$": kind = word()
        default: kind = .symbol(try symbol(first))
        }
        return Token(
            kind: kind,
            position: SourcePosition(line: startLine, column: startColumn, length: index - start))
    }

    private mutating func skipBlanks() throws(ValidationError) {
        while let scalar = peek() {
            if scalar.properties.isWhitespace {
                advance()
            } else if scalar == "-" && peek(1) == "-" {
                while let inside = peek(), inside != "\n", inside != "\r" { advance() }
            } else if scalar == "/" && peek(1) == "*" {
                advance()
                advance()
                while !(peek() == "*" && peek(1) == "/") {
                    guard peek() != nil else { throw Self.malformed("Unexpected end of comment") }
                    advance()
                }
                advance()
                advance()
            } else {
                return
            }
        }
    }

    /// Text between quotes; two of them stand for one.
    private mutating func quoted(_ mark: Unicode.Scalar) throws(ValidationError) -> String {
        var text = String.UnicodeScalarView()
        advance()
        while let scalar = peek() {
            advance()
            guard scalar == mark else {
                text.append(scalar)
                continue
            }
            guard peek() == mark else { return String(text) }
            text.append(mark)
            advance()
        }
        throw Self.malformed("Unexpected end of quoted text")
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private mutating func number() -> String {
        let start = index
        func digits(_ lexer: inout Lexer) {
            while let scalar = lexer.peek(), Self.isDigit(scalar) { lexer.advance() }
        }
        digits(&self)
        if peek() == "." {
            advance()
            digits(&self)
        }
        if peek() == "e" || peek() == "E" {
            let signed = peek(1) == "+" || peek(1) == "-"
            if let digit = peek(signed ? 2 : 1), Self.isDigit(digit) {
                advance()
                if signed { advance() }
                digits(&self)
            }
        }
        return text(from: start)
    }

    private func text(from start: Int) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[start..<index])
        return String(view)
    }

    private mutating func word() -> Token.Kind {
        let start = index
        while let scalar = peek(), Self.isWordPart(scalar) { advance() }
        let text = text(from: start)
        let lower = text.lowercased()
        return Keywords.all.contains(lower) ? .keyword(lower) : .identifier(text)
    }

    private static func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "$": true
        default: false
        }
    }

    private static let pairs: Set<String> = ["<=", ">=", "<>", "!=", "<<", ">>", "||"]
    private static let singles = "()[]{},:;.=<>+-*/%@"

    private mutating func symbol(_ first: Unicode.Scalar) throws(ValidationError) -> String {
        if let second = peek(1) {
            let pair = "\(first)\(second)"
            if Self.pairs.contains(pair) {
                advance()
                advance()
                return pair
            }
        }
        guard Self.singles.unicodeScalars.contains(first) else {
            throw Self.malformed("Invalid character at, line \(line), column \(index - lineStart + 1)")
        }
        advance()
        return String(first)
    }
}

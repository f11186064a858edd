/// A piece of an expression.
struct Token: Equatable {
    enum Kind: Equatable {
        /// `[A-Za-z][A-Za-z0-9_]*`: attribute, function or keyword.
        case word
        /// `#name`
        case nameReference
        /// `:value`
        case valueReference
        case digits
        /// One of `= <> < <= > >= ( ) [ ] . , + -`, or a character that is part of no token.
        case symbol
        case end
    }

    let kind: Kind
    let text: String
    /// Offsets of its UTF-8 bytes in the expression.
    let range: Range<Int>

    func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }

    /// Keywords are recognised in any case.
    func isKeyword(_ keyword: String) -> Bool {
        kind == .word && text.utf8.count == keyword.utf8.count && text.uppercased() == keyword
    }
}

/// Cuts expression text into tokens. Every text can be cut: a character that belongs nowhere becomes a symbol
/// which no grammar rule accepts, so the parser reports it.
struct Lexer {
    static func tokens(of text: String) -> [Token] {
        var lexer = Lexer(bytes: Array(text.utf8))
        var tokens: [Token] = []
        while true {
            let token = lexer.next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    private let bytes: [UInt8]
    private var index = 0

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func next() -> Token {
        while index < bytes.count, isSpace(bytes[index]) { index += 1 }
        guard index < bytes.count else {
            return Token(kind: .end, text: "<EOF>", range: bytes.count..<bytes.count)
        }
        let first = bytes[index]
        if isLetter(first) { return take(.word, while: isPart) }
        if isDigit(first) { return take(.digits, while: isDigit) }
        let second = index + 1 < bytes.count ? bytes[index + 1] : 0
        if first == UInt8(ascii: "#"), isPart(second) { return take(.nameReference, while: isPart) }
        if first == UInt8(ascii: ":"), isPart(second) { return take(.valueReference, while: isPart) }
        return symbol(first, second)
    }

    private mutating func symbol(_ first: UInt8, _ second: UInt8) -> Token {
        var length = 1
        let equals = UInt8(ascii: "=")
        let (less, greater) = (UInt8(ascii: "<"), UInt8(ascii: ">"))
        if first == less, second == equals || second == greater { length = 2 }
        if first == greater, second == equals { length = 2 }
        // A character beyond ASCII is one symbol, not one per byte.
        if first >= 0xC0 {
            while index + length < bytes.count, bytes[index + length] & 0xC0 == 0x80 { length += 1 }
        }
        return token(.symbol, length: length)
    }

    private mutating func take(_ kind: Token.Kind, while accepts: (UInt8) -> Bool) -> Token {
        var length = 1
        while index + length < bytes.count, accepts(bytes[index + length]) { length += 1 }
        return token(kind, length: length)
    }

    private mutating func token(_ kind: Token.Kind, length: Int) -> Token {
        let range = index..<index + length
        index += length
        return Token(kind: kind, text: String(decoding: bytes[range], as: UTF8.self), range: range)
    }

    private func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
    private func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A }
    private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    private func isPart(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || byte == 0x5F }
}

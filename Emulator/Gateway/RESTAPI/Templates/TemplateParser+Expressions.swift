extension TemplateParser {
    mutating func expression(atLeast precedence: Int = 1) throws(TemplateError) -> Template.Expression {
        var left = try unary()
        while true {
            skipSpace()
            let start = position
            guard let found = binaryOperator(), found.precedence >= precedence else {
                position = start
                return left
            }
            left = .binary(found, left, try expression(atLeast: found.precedence + 1))
        }
    }

    private mutating func binaryOperator() -> Template.Operator? {
        let symbols = ["||", "&&", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%"]
        for symbol in symbols where take(symbol) { return Template.Operator(rawValue: symbol) }
        let words: [(String, Template.Operator)] = [
            ("and", .and), ("or", .or), ("eq", .equal), ("ne", .unequal), ("lt", .less), ("gt", .more),
            ("le", .atMost), ("ge", .atLeast),
        ]
        for (word, meaning) in words where looking(at: word) {
            let end = position + word.count
            guard end < source.count, source[end].isWhitespace else { continue }
            position = end
            return meaning
        }
        return nil
    }

    private mutating func unary() throws(TemplateError) -> Template.Expression {
        skipSpace()
        if !looking(at: "!="), take("!") { return .not(try unary()) }
        return try primary()
    }

    private mutating func primary() throws(TemplateError) -> Template.Expression {
        guard let character = next else { throw failure("a value is missing at the end") }
        switch character {
        case "$":
            guard let reference = try reference() else { throw failure("'$' needs a name") }
            return .reference(reference)
        case "'": return .text(try quoted("'"))
        case "\"":
            var inner = TemplateParser(try quoted("\""))
            return .interpolated(try inner.template())
        case "(":
            position += 1
            let inner = try expression()
            skipSpace()
            guard take(")") else { throw failure("'(' has no ')'") }
            return inner
        case "[": return try list()
        case "{": return try map()
        case "-", "0"..."9": return try number()
        default: return try word()
        }
    }

    /// A quote is doubled inside of a text.
    private mutating func quoted(_ quote: Character) throws(TemplateError) -> String {
        position += 1
        var text = ""
        while let character = next {
            position += 1
            if character != quote {
                text.append(character)
            } else if next == quote {
                position += 1
                text.append(quote)
            } else {
                return text
            }
        }
        throw failure("a text has no closing quote")
    }

    private mutating func list() throws(TemplateError) -> Template.Expression {
        position += 1
        skipSpace()
        if take("]") { return .list([]) }
        let first = try expression()
        skipSpace()
        if take("..") {
            let last = try expression()
            skipSpace()
            guard take("]") else { throw failure("'[' has no ']'") }
            return .range(first, last)
        }
        if take("]") { return .list([first]) }
        guard take(",") else { throw failure("',' or ']' is missing") }
        return .list([first] + (try expressions(until: "]")))
    }

    private mutating func map() throws(TemplateError) -> Template.Expression {
        position += 1
        var members: [(key: Template.Expression, value: Template.Expression)] = []
        skipSpace()
        if take("}") { return .map(members) }
        while true {
            let key = try expression()
            skipSpace()
            guard take(":") else { throw failure("':' is missing in a map") }
            members.append((key, try expression()))
            skipSpace()
            if take("}") { return .map(members) }
            guard take(",") else { throw failure("',' or '}' is missing") }
        }
    }

    private mutating func number() throws(TemplateError) -> Template.Expression {
        var text = ""
        if take("-") { text = "-" }
        while let character = next, character.isASCII, character.isNumber {
            text.append(character)
            position += 1
        }
        // `1..3` is a range.
        if next == ".", position + 1 < source.count, source[position + 1].isNumber {
            text.append(".")
            position += 1
            while let character = next, character.isASCII, character.isNumber {
                text.append(character)
                position += 1
            }
        }
        guard let value = Double(text) else { throw failure("'\(text)' is no number") }
        return .number(value)
    }

    private mutating func word() throws(TemplateError) -> Template.Expression {
        if take("true") { return .bool(true) }
        if take("false") { return .bool(false) }
        if take("null") { return .null }
        throw failure("'\(String(source[position...].prefix(10)))' is no value")
    }
}

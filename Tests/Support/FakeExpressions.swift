import JSON

/// Just enough of DynamoDB's expression language for the handlers, evaluated over plain JSON items. It shares
/// no code with the emulator, so that the two cannot be wrong together.
struct FakeExpression {
    struct Problem: Error { var text: String }

    private var tokens: [String]
    private var position = 0
    private let names: JSONObject
    private let values: JSONObject

    init(_ text: String, names: JSONObject?, values: JSONObject?) {
        tokens = Self.tokens(text)
        self.names = names ?? JSONObject()
        self.values = values ?? JSONObject()
    }

    // MARK: - Conditions

    mutating func condition(_ item: JSONObject) throws -> Bool {
        let result = try disjunction(item)
        guard position == tokens.count else { throw Problem(text: "left over: \(tokens[position...])") }
        return result
    }

    private mutating func disjunction(_ item: JSONObject) throws -> Bool {
        var result = try conjunction(item)
        while take("OR") {
            let right = try conjunction(item)
            result = result || right
        }
        return result
    }

    private mutating func conjunction(_ item: JSONObject) throws -> Bool {
        var result = try comparison(item)
        while take("AND") {
            let right = try comparison(item)
            result = result && right
        }
        return result
    }

    private mutating func comparison(_ item: JSONObject) throws -> Bool {
        if take("(") {
            let result = try disjunction(item)
            try expect(")")
            return result
        }
        if take("attribute_exists") { return try argument(item) != nil }
        if take("attribute_not_exists") { return try argument(item) == nil }
        if take("begins_with") {
            try expect("(")
            let text = try operand(item)
            try expect(",")
            let prefix = try operand(item)
            try expect(")")
            guard let text = text?["S"]?.string, let prefix = prefix?["S"]?.string else { return false }
            return text.utf8.starts(with: prefix.utf8)
        }
        let left = try operand(item)
        let sign = try next()
        let right = try operand(item)
        guard let left, let right else { return false }
        switch sign {
        case "=": return left == right || FakeExpression.order(left, right) == 0
        case "<>": return left != right
        case "<": return FakeExpression.order(left, right).map { $0 < 0 } ?? false
        case "<=": return FakeExpression.order(left, right).map { $0 <= 0 } ?? false
        case ">": return FakeExpression.order(left, right).map { $0 > 0 } ?? false
        case ">=": return FakeExpression.order(left, right).map { $0 >= 0 } ?? false
        default: throw Problem(text: "comparison \(sign)")
        }
    }

    private mutating func argument(_ item: JSONObject) throws -> JSONValue? {
        try expect("(")
        let value = try operand(item)
        try expect(")")
        return value
    }

    // MARK: - Updates

    /// Applies `SET`, `ADD` and `REMOVE`; returns the names of what it touched. Reads see the old item.
    mutating func update(_ item: inout JSONObject) throws -> [String] {
        let old = item
        var touched: [String] = []
        while position < tokens.count {
            let section = try next()
            repeat {
                let name = try attributeName(next())
                touched.append(name)
                switch section {
                case "SET":
                    try expect("=")
                    item[name] = try sum(old)
                case "ADD":
                    guard let amount = try operand(old) else { throw Problem(text: "ADD without value") }
                    item[name] = try Self.add(old[name] ?? ["N": "0"], amount, sign: 1)
                case "REMOVE": item.removeValue(forKey: name)
                default: throw Problem(text: "section \(section)")
                }
            } while take(",")
        }
        return touched
    }

    private mutating func sum(_ item: JSONObject) throws -> JSONValue {
        guard let first = try operand(item) else { throw Problem(text: "attribute does not exist") }
        for (token, sign) in [("+", 1), ("-", -1)] where take(token) {
            guard let second = try operand(item) else { throw Problem(text: "attribute does not exist") }
            return try Self.add(first, second, sign: sign)
        }
        return first
    }

    private static func add(_ a: JSONValue, _ b: JSONValue, sign: Int) throws -> JSONValue {
        guard let a = a["N"]?.string.flatMap({ Int($0) }), let b = b["N"]?.string.flatMap({ Int($0) }) else {
            throw Problem(text: "arithmetic on what is not an integer")
        }
        return ["N": .string(String(a + sign * b))]
    }

    // MARK: - Operands

    private mutating func operand(_ item: JSONObject) throws -> JSONValue? {
        if take("if_not_exists") {
            try expect("(")
            let value = item[try attributeName(next())]
            try expect(",")
            let fallback = try operand(item)
            try expect(")")
            return value ?? fallback
        }
        let token = try next()
        if token.hasPrefix(":") {
            guard let value = values[token] else { throw Problem(text: "value \(token) is not defined") }
            return value
        }
        return item[try attributeName(token)]
    }

    private func attributeName(_ token: String) throws -> String {
        guard token.hasPrefix("#") else { return token }
        guard let name = names[token]?.string else { throw Problem(text: "name \(token) is not defined") }
        return name
    }

    static func order(_ a: JSONValue, _ b: JSONValue) -> Int? {
        if let a = a["N"]?.string.flatMap({ Double($0) }), let b = b["N"]?.string.flatMap({ Double($0) }) {
            return a < b ? -1 : a > b ? 1 : 0
        }
        if let a = a["S"]?.string, let b = b["S"]?.string {
            return a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : a == b ? 0 : 1
        }
        return nil
    }

    // MARK: - Tokens

    private mutating func next() throws -> String {
        guard position < tokens.count else { throw Problem(text: "unexpected end") }
        position += 1
        return tokens[position - 1]
    }

    private mutating func take(_ token: String) -> Bool {
        guard position < tokens.count, tokens[position] == token else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ token: String) throws {
        let found = try next()
        guard found == token else { throw Problem(text: "\(token) expected, \(found) found") }
    }

    private static func tokens(_ text: String) -> [String] {
        var tokens: [String] = []
        var word = ""
        func isWord(_ character: Character) -> Bool {
            character.isLetter || character.isNumber || "_#:.".contains(character)
        }
        for character in text {
            if isWord(character) {
                word.append(character)
                continue
            }
            if !word.isEmpty { tokens.append(word) }
            word = ""
            if character == " " { continue }
            if let last = tokens.last, "<>".contains(last), "=>".contains(character) {
                tokens[tokens.count - 1] = last + String(character)
            } else {
                tokens.append(String(character))
            }
        }
        if !word.isEmpty { tokens.append(word) }
        return tokens
    }
}

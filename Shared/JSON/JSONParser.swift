/// A recursive-descent parser over UTF-8 bytes (RFC 8259).
struct JSONParser {
    let source: UnsafeBufferPointer<UInt8>
    let maxDepth: Int
    private(set) var offset = 0

    init(_ source: UnsafeBufferPointer<UInt8>, maxDepth: Int) {
        self.source = source
        self.maxDepth = maxDepth
    }

    /// The whole text as one value.
    mutating func document() throws(JSONError) -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        if offset < source.count {
            throw error("nothing but white space may follow the JSON value")
        }
        return value
    }

    /// The value at the current offset, after white space.
    mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        skipSpace()
        guard offset < source.count else { throw error("a JSON value is missing") }
        switch source[offset] {
        case 0x22: return .string(try string())
        case 0x7B: return .object(try object(depth: depth + 1))
        case 0x5B: return .array(try array(depth: depth + 1))
        case 0x2D, 0x30...0x39: return .number(try number())
        case 0x74:
            try literal("true")
            return .bool(true)
        case 0x66:
            try literal("false")
            return .bool(false)
        case 0x6E:
            try literal("null")
            return .null
        default: throw error("a JSON value cannot begin with \(nameOfByte())")
        }
    }

    // MARK: Containers

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        try enter(depth)
        var object = JSONObject()
        if closes(0x7D) { return object }
        while true {
            let key = try memberKey()
            object[key] = try value(depth: depth)
            if try containerEnds(0x7D, "',' or '}' must follow an object's member") { return object }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        try enter(depth)
        var elements: [JSONValue] = []
        if closes(0x5D) { return elements }
        while true {
            elements.append(try value(depth: depth))
            if try containerEnds(0x5D, "',' or ']' must follow an array's element") { return elements }
        }
    }

    /// Steps over the opening bracket.
    mutating func enter(_ depth: Int) throws(JSONError) {
        guard depth <= maxDepth else {
            throw error("arrays and objects are nested deeper than \(maxDepth)")
        }
        offset += 1
    }

    /// Whether the container is empty; steps over its closing bracket then.
    mutating func closes(_ bracket: UInt8) -> Bool {
        skipSpace()
        guard offset < source.count, source[offset] == bracket else { return false }
        offset += 1
        return true
    }

    /// Reads `"key" :`.
    mutating func memberKey() throws(JSONError) -> String {
        skipSpace()
        guard offset < source.count, source[offset] == 0x22 else {
            throw error("an object's member must begin with its name in double quotes")
        }
        let key = try string()
        skipSpace()
        guard offset < source.count, source[offset] == 0x3A else {
            throw error("':' must follow a member's name")
        }
        offset += 1
        return key
    }

    /// Steps over `,` (false) or the closing bracket (true).
    mutating func containerEnds(_ bracket: UInt8, _ reason: String) throws(JSONError) -> Bool {
        skipSpace()
        guard offset < source.count, source[offset] == 0x2C || source[offset] == bracket else {
            throw error(reason)
        }
        offset += 1
        return source[offset - 1] == bracket
    }

    // MARK: Scalars

    private mutating func number() throws(JSONError) -> JSONNumber {
        switch JSONNumber.scan(source, from: offset) {
        case .wrong(let reason, let place): throw error(reason, at: place)
        case .number(let end):
            defer { offset = end }
            return JSONNumber(checked: String(decoding: source[offset..<end], as: UTF8.self))
        }
    }

    private mutating func literal(_ word: StaticString) throws(JSONError) {
        let count = word.utf8CodeUnitCount
        guard offset + count <= source.count else { throw error("the word is cut short: '\(word)' expected") }
        for index in 0..<count where source[offset + index] != word.utf8Start[index] {
            throw error("unknown word: '\(word)' expected", at: offset + index)
        }
        offset += count
    }

    /// The string whose opening quote is at the current offset.
    mutating func string() throws(JSONError) -> String {
        let opening = offset
        offset += 1
        let start = offset
        offset = PlainRun.end(UnsafeRawBufferPointer(source), from: start)
        guard offset < source.count else { throw error("the string has no closing quote", at: opening) }
        switch source[offset] {
        case 0x22:
            let text = try utf8(start..<offset)
            offset += 1
            return text
        case 0x5C: return try escapedString(opening: opening)
        default: throw error("\(nameOfByte()) must be escaped in a string")
        }
    }

    /// The rest of a string that has an escape, from the first backslash on.
    private mutating func escapedString(opening: Int) throws(JSONError) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(offset - opening + 32)
        var runStart = opening + 1
        while true {
            offset = PlainRun.end(UnsafeRawBufferPointer(source), from: offset)
            guard offset < source.count else { throw error("the string has no closing quote", at: opening) }
            let byte = source[offset]
            guard byte >= 0x20 else { throw error("\(nameOfByte()) must be escaped in a string") }
            try checkUTF8(runStart..<offset)
            text.append(contentsOf: source[runStart..<offset])
            if byte == 0x22 {
                offset += 1
                return String(decoding: text, as: UTF8.self)
            }
            try escape(into: &text)
            runStart = offset
        }
    }

    /// Reads one escape sequence at its backslash.
    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard offset + 1 < source.count else { throw error("the escape sequence is cut short") }
        let byte = source[offset + 1]
        switch byte {
        case 0x22, 0x5C, 0x2F: text.append(byte)
        case 0x62: text.append(0x08)
        case 0x66: text.append(0x0C)
        case 0x6E: text.append(0x0A)
        case 0x72: text.append(0x0D)
        case 0x74: text.append(0x09)
        case 0x75: return try unicodeEscape(into: &text)
        default: throw error("there is no such escape sequence")
        }
        offset += 2
    }

    /// Reads `\uXXXX`, and the second half when it is the first of a surrogate pair.
    private mutating func unicodeEscape(into text: inout [UInt8]) throws(JSONError) {
        let start = offset
        var code = try hexadecimal()
        if code & 0xFC00 == 0xD800 {
            guard offset + 1 < source.count, source[offset] == 0x5C, source[offset + 1] == 0x75 else {
                throw error("a high surrogate needs a low one after it", at: start)
            }
            let low = try hexadecimal()
            guard low & 0xFC00 == 0xDC00 else {
                throw error("a high surrogate needs a low one after it", at: start)
            }
            code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF)
        }
        guard let scalar = Unicode.Scalar(code) else {
            throw error("a low surrogate needs a high one before it", at: start)
        }
        text.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        guard offset + 6 <= source.count else { throw error("the escape sequence is cut short") }
        var code: UInt32 = 0
        for index in offset + 2..<offset + 6 {
            let byte = source[index]
            switch byte {
            case 0x30...0x39: code = code << 4 | UInt32(byte - 0x30)
            case 0x41...0x46: code = code << 4 | UInt32(byte - 0x37)
            case 0x61...0x66: code = code << 4 | UInt32(byte - 0x57)
            default: throw error("\\u needs four hexadecimal digits", at: index)
            }
        }
        offset += 6
        return code
    }

    // MARK: UTF-8 and white space

    private func utf8(_ range: Range<Int>) throws(JSONError) -> String {
        let bytes = UnsafeBufferPointer(rebasing: source[range])
        // Nearly all text is ASCII.
        var union: UInt8 = 0
        for byte in bytes { union |= byte }
        if union < 0x80 { return Self.ascii(bytes) }
        try checkUTF8(range)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Text of bytes that are known to be ASCII: they are not looked at once more.
    static func ascii(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        String(copying: UTF8Span(unchecked: bytes.span, isKnownASCII: true))
    }

    /// Throws with the offset of the first byte that is not UTF-8 (RFC 3629).
    private func checkUTF8(_ range: Range<Int>) throws(JSONError) {
        var index = range.lowerBound
        while index < range.upperBound {
            let length = utf8Length(at: index, end: range.upperBound)
            if length == 0 { throw error("the text is not valid UTF-8", at: index) }
            index += length
        }
    }

    /// Bytes of the character at `index`; 0 when it is malformed, overlong, a surrogate or beyond
    /// U+10FFFF.
    private func utf8Length(at index: Int, end: Int) -> Int {
        let first = source[index]
        if first < 0x80 { return 1 }
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return 0
        }
        guard index + length <= end, second.contains(source[index + 1]) else { return 0 }
        for position in index + 2..<max(index + 2, index + length)
        where source[position] & 0xC0 != 0x80 { return 0 }
        return length
    }

    mutating func skipSpace() {
        while offset < source.count {
            switch source[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    mutating func move(to offset: Int) { self.offset = offset }

    // MARK: Errors

    private func error(_ reason: String, at place: Int? = nil) -> JSONError {
        JSONError(reason: reason, offset: place ?? offset, in: source)
    }

    private func nameOfByte() -> String {
        let byte = source[offset]
        if (0x21...0x7E).contains(byte) { return "'\(Unicode.Scalar(byte))'" }
        if byte >= 0x80 { return "a character outside ASCII" }
        return "control character 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
    }
}

/// JSON text that is written piece by piece, for large documents whose parts exist as bytes already: it builds
/// no tree and no strings. The caller writes the punctuation.
public struct JSONText: ~Copyable {
    private var start: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    public private(set) var count = 0

    public init(capacity: Int = 512) {
        self.capacity = max(64, capacity)
        start = .allocate(capacity: self.capacity)
    }

    deinit { start.deallocate() }

    /// The last byte written.
    public var last: UInt8? { count > 0 ? start[count - 1] : nil }

    /// A copy of the text.
    public var bytes: [UInt8] { [UInt8](UnsafeBufferPointer(start: start, count: count)) }

    public mutating func append(byte: UInt8) {
        makeRoom(1)
        start[count] = byte
        count += 1
    }

    /// As it is, without quotes.
    public mutating func append(_ text: StaticString) {
        let length = text.utf8CodeUnitCount
        makeRoom(length)
        (start + count).update(from: text.utf8Start, count: length)
        count += length
    }

    /// As they are, without quotes.
    public mutating func append(raw bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        makeRoom(bytes.count)
        UnsafeMutableRawPointer(start + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    public mutating func append(raw bytes: [UInt8]) {
        bytes.withUnsafeBytes { append(raw: $0) }
    }

    /// As it is, without quotes.
    public mutating func append(raw text: String) {
        var text = text
        text.withUTF8 { append(raw: UnsafeRawBufferPointer($0)) }
    }

    /// As digits.
    public mutating func append(number: Int) { append(raw: String(number)) }

    /// A value, or the value of a member whose name and colon have been written.
    public mutating func append(value: JSONValue) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .number(let number): append(raw: number.text)
        case .string(let text): append(string: text)
        case .array(let elements):
            append(byte: 0x5B)
            for element in elements {
                if last != 0x5B { append(byte: 0x2C) }
                append(value: element)
            }
            append(byte: 0x5D)
        case .object(let object): append(object: object)
        }
    }

    public mutating func append(object: JSONObject) {
        append(byte: 0x7B)
        for (name, value) in object {
            append(name: name)
            append(value: value)
        }
        append(byte: 0x7D)
    }

    /// A member's name in quotes and its colon, after a comma unless it is the first one.
    public mutating func append(name: String) {
        var name = name
        name.withUTF8 { append(name: UnsafeRawBufferPointer($0)) }
    }

    /// - Parameter utf8: must be valid.
    public mutating func append(name utf8: UnsafeRawBufferPointer) {
        // Only an opening brace ends with this byte: a string ends with its quote.
        if last != 0x7B { append(byte: 0x2C) }
        append(string: utf8)
        append(byte: 0x3A)
    }

    /// A string in quotes. `utf8` must be valid UTF-8; only what RFC 8259 requires is escaped.
    public mutating func append(string utf8: UnsafeRawBufferPointer) {
        makeRoom(utf8.count + 2)
        start[count] = 0x22
        count += 1
        var runStart = 0
        while true {
            let end = PlainRun.end(utf8, from: runStart)
            append(raw: UnsafeRawBufferPointer(rebasing: utf8[runStart..<end]))
            if end == utf8.count { break }
            appendEscape(utf8[end])
            runStart = end + 1
        }
        append(byte: 0x22)
    }

    public mutating func append(string text: String) {
        var text = text
        text.withUTF8 { append(string: UnsafeRawBufferPointer($0)) }
    }

    private mutating func appendEscape(_ byte: UInt8) {
        append(byte: 0x5C)
        switch byte {
        case 0x22, 0x5C: append(byte: byte)
        case 0x08: append(byte: 0x62)
        case 0x09: append(byte: 0x74)
        case 0x0A: append(byte: 0x6E)
        case 0x0C: append(byte: 0x66)
        case 0x0D: append(byte: 0x72)
        default:
            append("u00")
            append(byte: 0x30 + (byte >> 4))
            append(byte: byte & 15 < 10 ? 0x30 + (byte & 15) : 0x57 + (byte & 15))
        }
    }

    @inline(__always)
    private mutating func makeRoom(_ more: Int) {
        if count + more > capacity { grow(count + more) }
    }

    private mutating func grow(_ needed: Int) {
        capacity = max(needed, capacity * 2)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: start, count: count)
        start.deallocate()
        start = larger
    }
}

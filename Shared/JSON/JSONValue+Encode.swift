extension JSONValue {
    /// The value as JSON text without white space.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        encode(into: &bytes)
        return bytes
    }

    public func encodedString() -> String { String(decoding: encoded(), as: UTF8.self) }

    /// Appends the value as JSON text without white space.
    public func encode(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let number): bytes.append(contentsOf: number.text.utf8)
        case .string(let text): JSONValue.encode(text, into: &bytes)
        case .array(let elements):
            bytes.append(0x5B)
            var first = true
            for element in elements {
                if !first { bytes.append(0x2C) }
                first = false
                element.encode(into: &bytes)
            }
            bytes.append(0x5D)
        case .object(let object): object.encode(into: &bytes)
        }
    }

    /// The value as JSON text, two spaces for each level, `\n` between lines and none at the end.
    public func prettyPrinted() -> String {
        var bytes: [UInt8] = []
        encodePretty(into: &bytes, indent: 0)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func encodePretty(into bytes: inout [UInt8], indent: Int) {
        func newLine(_ indent: Int) {
            bytes.append(0x0A)
            bytes.append(contentsOf: repeatElement(0x20, count: indent))
        }
        switch self {
        case .array(let elements) where !elements.isEmpty:
            for (index, element) in elements.enumerated() {
                bytes.append(index == 0 ? 0x5B : 0x2C)
                newLine(indent + 2)
                element.encodePretty(into: &bytes, indent: indent + 2)
            }
            newLine(indent)
            bytes.append(0x5D)
        case .object(let object) where !object.isEmpty:
            for (index, member) in object.enumerated() {
                bytes.append(index == 0 ? 0x7B : 0x2C)
                newLine(indent + 2)
                JSONValue.encode(member.key, into: &bytes)
                bytes.append(0x3A)
                bytes.append(0x20)
                member.value.encodePretty(into: &bytes, indent: indent + 2)
            }
            newLine(indent)
            bytes.append(0x7D)
        default: encode(into: &bytes)
        }
    }

    /// Appends `text` as a JSON string. Only what RFC 8259 requires is escaped.
    public static func encode(_ text: String, into bytes: inout [UInt8]) {
        bytes.append(0x22)
        let done: Void? = text.utf8.withContiguousStorageIfAvailable { escape($0, into: &bytes) }
        if done == nil { Array(text.utf8).withUnsafeBufferPointer { escape($0, into: &bytes) } }
        bytes.append(0x22)
    }

    private static func escape(_ source: UnsafeBufferPointer<UInt8>, into bytes: inout [UInt8]) {
        var runStart = 0
        while true {
            let end = PlainRun.end(UnsafeRawBufferPointer(source), from: runStart)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[runStart..<end]))
            if end == source.count { return }
            appendEscape(source[end], to: &bytes)
            runStart = end + 1
        }
    }

    private static func appendEscape(_ byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(0x5C)
        switch byte {
        case 0x22, 0x5C: bytes.append(byte)
        case 0x08: bytes.append(0x62)
        case 0x09: bytes.append(0x74)
        case 0x0A: bytes.append(0x6E)
        case 0x0C: bytes.append(0x66)
        case 0x0D: bytes.append(0x72)
        default:
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(0x30 + (byte >> 4))
            bytes.append(byte & 15 < 10 ? 0x30 + (byte & 15) : 0x57 + (byte & 15))
        }
    }
}

extension JSONObject {
    /// The object as JSON text without white space.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        encode(into: &bytes)
        return bytes
    }

    /// Appends the object as JSON text without white space.
    public func encode(into bytes: inout [UInt8]) {
        bytes.append(0x7B)
        var first = true
        for (key, value) in self {
            if !first { bytes.append(0x2C) }
            first = false
            JSONValue.encode(key, into: &bytes)
            bytes.append(0x3A)
            value.encode(into: &bytes)
        }
        bytes.append(0x7D)
    }
}

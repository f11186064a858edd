extension JSONValue {
    /// The value as JSON text without white space.
    public func encoded() -> [UInt8] {
        var text = JSONText(capacity: 256)
        text.append(value: self)
        return text.bytes
    }

    public func encodedString() -> String { String(decoding: encoded(), as: UTF8.self) }

    /// Appends the value as JSON text without white space.
    func encode(into bytes: inout [UInt8]) { bytes += encoded() }

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
                JSONValue.string(member.key).encode(into: &bytes)
                bytes.append(0x3A)
                bytes.append(0x20)
                member.value.encodePretty(into: &bytes, indent: indent + 2)
            }
            newLine(indent)
            bytes.append(0x7D)
        default: encode(into: &bytes)
        }
    }
}

extension JSONObject {
    /// The object as JSON text without white space.
    public func encoded() -> [UInt8] { JSONValue.object(self).encoded() }
}

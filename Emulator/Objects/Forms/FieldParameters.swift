import Bytes

/// A header value with parameters: `form-data; name="file"; filename="a.txt"`.
package struct FieldParameters: Sendable {
    /// What precedes the first semicolon, lower-case.
    package let value: String
    private var parameters: [(name: String, value: String)] = []

    package init(_ text: String) {
        var rest = text.utf8[...]
        value = Self.token(&rest).lowercased()
        while rest.popFirst() == UInt8(ascii: ";") {
            let name = Self.token(&rest).lowercased()
            guard rest.first == UInt8(ascii: "=") else { continue }
            rest.removeFirst()
            parameters.append((name, Self.parameterValue(&rest)))
        }
    }

    /// The first parameter of that lower-case name.
    package subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

    /// A parameter in the form `name*=utf-8''percent-encoded` (RFC 8187).
    package func extended(_ name: String) -> String? {
        guard let value = self[name + "*"], value.lowercased().hasPrefix("utf-8'") else { return nil }
        let rest = value.dropFirst("utf-8'".count)
        guard let quote = rest.firstIndex(of: "'") else { return nil }
        return PercentEncoding.decode(String(rest[rest.index(after: quote)...]))
    }

    /// Everything up to a semicolon or equals sign, without white space around it.
    private static func token(_ rest: inout Substring.UTF8View) -> String {
        let end = rest.firstIndex { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: "=") } ?? rest.endIndex
        defer { rest = rest[end...] }
        return trimmed(rest[..<end])
    }

    private static func parameterValue(_ rest: inout Substring.UTF8View) -> String {
        while let first = rest.first, isSpace(first) { rest.removeFirst() }
        guard rest.first == UInt8(ascii: "\"") else {
            let end = rest.firstIndex(of: UInt8(ascii: ";")) ?? rest.endIndex
            defer { rest = rest[end...] }
            return trimmed(rest[..<end])
        }
        rest.removeFirst()
        var value: [UInt8] = []
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
            // A backslash is part of a Windows path as often as it quotes, so it quotes quotes only.
            if byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "\"") {
                value.append(rest.removeFirst())
            } else {
                value.append(byte)
            }
        }
        let end = rest.firstIndex(of: UInt8(ascii: ";")) ?? rest.endIndex
        rest = rest[end...]
        return String(utf8: value)
    }

    private static func trimmed(_ text: Substring.UTF8View) -> String {
        var text = text
        while let first = text.first, isSpace(first) { text.removeFirst() }
        while let last = text.last, isSpace(last) { text.removeLast() }
        return String(Substring(text))
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}

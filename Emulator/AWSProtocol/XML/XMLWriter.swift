/// Writes one XML document, UTF-8, no white space between elements.
public struct XMLWriter: Sendable {
    public private(set) var bytes: [UInt8]

    public init() {
        bytes = Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".utf8)
    }

    /// Makes room for so many more bytes at once.
    public mutating func reserve(_ count: Int) { bytes.reserveCapacity(bytes.count + count) }

    /// Writes an element with children; an element without any is written as `<Name/>`.
    /// - Parameters:
    ///   - name: not escaped, so never from a client.
    ///   - namespace: becomes `xmlns`.
    ///   - attributes: not escaped either.
    public mutating func element(
        _ name: String, namespace: String? = nil, attributes: [(String, String)] = [],
        _ children: (inout XMLWriter) -> Void = { _ in }
    ) {
        open(name, namespace, attributes)
        let start = bytes.count
        children(&self)
        if bytes.count == start {
            bytes.removeLast()
            append("/>")
        } else {
            close(name)
        }
    }

    /// Writes an element that holds text only.
    public mutating func text(_ name: String, _ value: String, namespace: String? = nil) {
        var value = value
        value.withUTF8 { text(name, utf8: $0, namespace) }
    }

    /// The same of bytes that are UTF-8.
    public mutating func text(_ name: String, utf8 value: [UInt8]) {
        value.withUnsafeBufferPointer { text(name, utf8: $0, nil) }
    }

    public mutating func text(_ name: String, _ value: some BinaryInteger) {
        text(name, String(value))
    }

    public mutating func text(_ name: String, _ value: Bool) {
        text(name, value ? "true" : "false")
    }

    /// Writes text inside of an element.
    package mutating func characters(_ text: String) {
        var text = text
        text.withUTF8 { escape($0) }
    }

    private mutating func text(_ name: String, utf8: UnsafeBufferPointer<UInt8>, _ namespace: String?) {
        open(name, namespace, [])
        if utf8.isEmpty {
            bytes.removeLast()
            append("/>")
        } else {
            escape(utf8)
            close(name)
        }
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func open(_ name: String, _ namespace: String?, _ attributes: [(String, String)]) {
        append("<")
        append(name)
        if let namespace { append(" xmlns=\"\(namespace)\"") }
        for (name, value) in attributes { append(" \(name)=\"\(value)\"") }
        append(">")
    }

    private mutating func close(_ name: String) {
        append("</")
        append(name)
        append(">")
    }

    /// Carriage return and the other control characters become references, as S3 writes them: a parser
    /// would normalise or refuse them otherwise.
    private mutating func escape(_ text: UnsafeBufferPointer<UInt8>) {
        // Listings are mostly text without any of these: what lies between them is taken at once.
        var start = 0
        for (index, byte) in text.enumerated() where Self.isSpecial(byte) {
            bytes.append(contentsOf: text[start..<index])
            start = index + 1
            switch byte {
            case UInt8(ascii: "&"): append("&amp;")
            case UInt8(ascii: "<"): append("&lt;")
            case UInt8(ascii: ">"): append("&gt;")
            case UInt8(ascii: "\""): append("&quot;")
            default: append("&#x\(String(byte, radix: 16));")
            }
        }
        bytes.append(contentsOf: text[start...])
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""): true
        case 0x00...0x08, 0x0B...0x1F: true
        default: false
        }
    }
}

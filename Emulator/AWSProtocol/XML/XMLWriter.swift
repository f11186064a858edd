/// Writes one XML document, UTF-8, no white space between elements.
public struct XMLWriter: Sendable {
    public private(set) var bytes: [UInt8]

    public init() {
        bytes = Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".utf8)
    }

    /// Writes an element with children; an element without any is written as `<Name/>`.
    /// - Parameters:
    ///   - name: not escaped, so never from a client.
    ///   - namespace: becomes `xmlns`.
    ///   - attributes: not escaped either.
    public mutating func element(
        _ name: String, namespace: String? = nil, attributes: [(String, String)] = [],
        _ children: (inout XMLWriter) -> Void = { _ in }
    ) {
        bytes.append(contentsOf: "<\(name)".utf8)
        for (name, value) in (namespace.map { [("xmlns", $0)] } ?? []) + attributes {
            bytes.append(contentsOf: " \(name)=\"\(value)\"".utf8)
        }
        bytes.append(UInt8(ascii: ">"))
        let start = bytes.count
        children(&self)
        if bytes.count == start {
            bytes.removeLast()
            bytes.append(contentsOf: "/>".utf8)
        } else {
            bytes.append(contentsOf: "</\(name)>".utf8)
        }
    }

    /// Writes an element that holds text only.
    public mutating func text(_ name: String, _ value: String, namespace: String? = nil) {
        element(name, namespace: namespace) { $0.escape(value) }
    }

    public mutating func text(_ name: String, _ value: some BinaryInteger) {
        text(name, String(value))
    }

    public mutating func text(_ name: String, _ value: Bool) {
        text(name, value ? "true" : "false")
    }

    /// Writes text inside of an element.
    package mutating func characters(_ text: String) { escape(text) }

    /// Carriage return and the other control characters become references, as S3 writes them: a parser
    /// would normalise or refuse them otherwise.
    private mutating func escape(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): bytes.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): bytes.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "\""): bytes.append(contentsOf: "&quot;".utf8)
            case 0x00...0x08, 0x0B...0x1F:
                bytes.append(contentsOf: "&#x\(String(byte, radix: 16));".utf8)
            default: bytes.append(byte)
            }
        }
    }
}

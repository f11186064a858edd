import Bytes

/// Why a document was refused, and where.
public struct XMLReaderError: Error, Equatable {
    public var reason: String
    /// Bytes from the start.
    public var offset: Int
}

/// Reads small XML documents from clients that are not trusted: no document type, so no entities but
/// the five of XML 1.0 and numeric references, and bounds on bytes, depth and number of elements.
public struct XMLReader {
    public struct Limits: Sendable {
        public var maxBytes = 8 << 20
        public var maxDepth = 32
        public var maxElements = 100_000
        public init() {}
    }

    private let source: [UInt8]
    private let limits: Limits
    private var position = 0
    private var elements = 0

    /// Parses a whole document and returns its root element.
    public static func parse(_ source: [UInt8], limits: Limits = Limits()) throws(XMLReaderError)
        -> XMLElement
    {
        var reader = XMLReader(source: source, limits: limits)
        return try reader.document()
    }

    private init(source: [UInt8], limits: Limits) {
        self.source = source
        self.limits = limits
    }

    private mutating func document() throws(XMLReaderError) -> XMLElement {
        guard source.count <= limits.maxBytes else { throw failure("document too large") }
        guard String(validating: source, as: UTF8.self) != nil, !source.contains(0) else {
            throw failure("not UTF-8, or a NUL in it")
        }
        if source.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        try skipMisc()
        let root = try element(depth: 1)
        try skipMisc()
        guard position == source.count else { throw failure("content after the root element") }
        return root
    }

    private func failure(_ reason: String) -> XMLReaderError {
        XMLReaderError(reason: reason, offset: position)
    }

    // MARK: - Scanning

    private func sees(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard position + length <= source.count else { return false }
        return (0..<length).allSatisfy { source[position + $0] == text.utf8Start[$0] }
    }

    private mutating func skipSpace() {
        while position < source.count, [0x20, 0x09, 0x0A, 0x0D].contains(source[position]) { position += 1 }
    }

    private mutating func skip(past end: StaticString) throws(XMLReaderError) {
        while position < source.count {
            if sees(end) {
                position += end.utf8CodeUnitCount
                return
            }
            position += 1
        }
        throw failure("unexpected end of document")
    }

    /// White space, comments and processing instructions outside the root.
    private mutating func skipMisc() throws(XMLReaderError) {
        while true {
            skipSpace()
            if sees("<?") {
                try skip(past: "?>")
            } else if sees("<!--") {
                try skip(past: "-->")
            } else if sees("<!") {
                throw failure("a document type is not allowed")
            } else {
                return
            }
        }
    }

    // MARK: - Elements

    private mutating func element(depth: Int) throws(XMLReaderError) -> XMLElement {
        guard depth <= limits.maxDepth else { throw failure("nested too deeply") }
        elements += 1
        guard elements <= limits.maxElements else { throw failure("too many elements") }
        guard sees("<") else { throw failure("expected an element") }
        position += 1
        let name = try name()
        let attributes = try attributes()
        if sees("/>") {
            position += 2
            return XMLElement(name: Self.localPart(of: name), attributes: attributes)
        }
        position += 1
        var element = try content(of: name, depth: depth)
        element.attributes = attributes
        return element
    }

    private mutating func content(of name: [UInt8], depth: Int) throws(XMLReaderError) -> XMLElement {
        var text: [UInt8] = []
        var children: [XMLElement] = []
        while position < source.count {
            if sees("</") {
                position += 2
                guard try self.name() == name else { throw failure("closing tag does not match") }
                skipSpace()
                guard sees(">") else { throw failure("closing tag is not closed") }
                position += 1
                return XMLElement(
                    name: Self.localPart(of: name), text: String(utf8: text), children: children)
            } else if sees("<!--") {
                try skip(past: "-->")
            } else if sees("<![CDATA[") {
                position += 9
                let start = position
                try skip(past: "]]>")
                text.append(contentsOf: source[start..<(position - 3)])
            } else if sees("<?") {
                try skip(past: "?>")
            } else if sees("<!") {
                throw failure("a declaration is not allowed here")
            } else if sees("<") {
                children.append(try element(depth: depth + 1))
            } else {
                try characters(into: &text)
            }
        }
        throw failure("element is not closed")
    }

    private mutating func characters(into text: inout [UInt8]) throws(XMLReaderError) {
        let byte = source[position]
        if byte == UInt8(ascii: "&") {
            try reference(into: &text)
        } else if byte == 0x0D {
            // XML 1.0, 2.11: a line end is one line feed, however it was written.
            position += 1
            if position >= source.count || source[position] != 0x0A { text.append(0x0A) }
        } else {
            text.append(byte)
            position += 1
        }
    }

    private mutating func reference(into text: inout [UInt8]) throws(XMLReaderError) {
        guard let end = source[position...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
            throw failure("entity reference is not closed")
        }
        let name = String(utf8: Array(source[(position + 1)..<end]))
        let character: Unicode.Scalar? =
            switch name {
            case "amp": "&"
            case "lt": "<"
            case "gt": ">"
            case "quot": "\""
            case "apos": "'"
            default: Self.numeric(name)
            }
        guard let character else { throw failure("unknown entity") }
        text.append(contentsOf: String(Character(character)).utf8)
        position = end + 1
    }

    private static func numeric(_ name: String) -> Unicode.Scalar? {
        guard name.hasPrefix("#") else { return nil }
        let digits = name.dropFirst()
        let isHex = digits.hasPrefix("x")
        guard digits.utf8.last != UInt8(ascii: "x"), !digits.utf8.contains(UInt8(ascii: "+")) else {
            return nil
        }
        let number = UInt32(isHex ? digits.dropFirst() : digits, radix: isHex ? 16 : 10)
        // NUL is no character of XML, not even by its number.
        return number.flatMap { $0 == 0 ? nil : Unicode.Scalar($0) }
    }

    // MARK: - Names and attributes

    /// A name with at most one prefix. Its characters are those of XML 1.0, section 2.3, but for a few beyond
    /// ASCII.
    private mutating func name() throws(XMLReaderError) -> [UInt8] {
        let start = position
        let ends = Array(" \t\r\n/>=<\"'&".utf8)
        while position < source.count, !ends.contains(source[position]) { position += 1 }
        let parts = source[start..<position].split(
            separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy(Self.isName) else {
            throw failure("expected a name")
        }
        return Array(source[start..<position])
    }

    private static func isName(_ part: ArraySlice<UInt8>) -> Bool {
        guard let first = part.first, isNameStart(first) else { return false }
        return part.allSatisfy {
            isNameStart($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
                || $0 == UInt8(ascii: ".")
        }
    }

    private static func isNameStart(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_")
            || byte >= 0x80
    }

    private mutating func attributes() throws(XMLReaderError) -> [String: String] {
        var attributes: [String: String] = [:]
        while true {
            skipSpace()
            if sees(">") || sees("/>") { return attributes }
            let name = try name()
            skipSpace()
            guard sees("=") else { throw failure("attribute without value") }
            position += 1
            skipSpace()
            guard sees("\"") || sees("'") else { throw failure("attribute value is not quoted") }
            let quote = source[position]
            position += 1
            let start = position
            while position < source.count, source[position] != quote {
                if source[position] == UInt8(ascii: "<") { throw failure("'<' in an attribute") }
                position += 1
            }
            guard position < source.count else { throw failure("attribute is not closed") }
            // A declaration of a namespace is not what an element says of itself.
            if !name.starts(with: "xmlns".utf8) {
                attributes[Self.localPart(of: name)] = String(utf8: Array(source[start..<position]))
            }
            position += 1
        }
    }

    private static func localPart(of name: [UInt8]) -> String {
        let local = name.lastIndex(of: UInt8(ascii: ":")).map { name[($0 + 1)...] } ?? name[...]
        return String(utf8: Array(local))
    }
}

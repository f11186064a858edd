#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Reads a document member by member, as it comes, and builds no tree: for documents of a known shape that are read
/// often.
///
/// It knows one kind of failure: what came was not what was asked for, or is no JSON. From then on ``hasFailed`` is
/// true and nothing that was read counts; the caller takes ``JSONValue/parse(_:limits:)``, which says what is wrong.
/// So it may refuse what is rare, such as member names with escapes or outside ASCII.
public struct JSONReader: ~Copyable {
    private var parser: JSONParser
    /// The object that was entered last has had no member yet.
    private var isFirst = false
    public private(set) var hasFailed = false

    /// - Parameter source: has to stay as it is as long as the reader is used.
    public init(_ source: UnsafeBufferPointer<UInt8>) {
        let limits = JSONLimits()
        parser = JSONParser(source, maxDepth: limits.maxDepth)
        hasFailed = source.count > limits.maxBytes
    }

    /// A member's name; valid as long as the document is.
    public struct Name {
        fileprivate let bytes: UnsafeBufferPointer<UInt8>

        public var text: String { JSONParser.ascii(bytes) }

        public static func ~= (name: StaticString, read: Name) -> Bool {
            guard read.bytes.count == name.utf8CodeUnitCount, let start = read.bytes.baseAddress else {
                return read.bytes.count == name.utf8CodeUnitCount
            }
            return memcmp(start, name.utf8Start, read.bytes.count) == 0
        }
    }

    /// Whether the document ends here, and all was as it was asked for.
    public mutating func isComplete() -> Bool {
        parser.skipSpace()
        return !hasFailed && parser.offset == parser.source.count
    }

    /// Steps into an object; its members come next.
    public mutating func enterObject() {
        isFirst = take(0x7B)
        if !isFirst { hasFailed = true }
    }

    /// An object of strings and nothing else, of which the last one of each name counts; empty for null.
    public mutating func texts() -> [String: String] {
        var texts: [String: String] = [:]
        guard comes(0x7B) else {
            readNull()
            return texts
        }
        enterObject()
        texts.reserveCapacity(8)
        while let name = nextName() {
            guard comes(0x22) else {
                hasFailed = true
                break
            }
            texts[name.text] = string()
        }
        return texts
    }

    /// The name of the next member, whose value has to be read then; nil at the object's end.
    public mutating func nextName() -> Name? {
        guard !hasFailed, !take(0x7D) else {
            isFirst = false
            return nil
        }
        guard isFirst || take(0x2C), take(0x22), let name = plainName(), take(0x3A) else {
            hasFailed = true
            return nil
        }
        isFirst = false
        return name
    }

    /// The rest of a name behind its opening quote.
    private mutating func plainName() -> Name? {
        let start = parser.offset
        var end = start
        while end < parser.source.count, parser.source[end] != 0x22 {
            guard (0x20..<0x80).contains(parser.source[end]), parser.source[end] != 0x5C else { return nil }
            end += 1
        }
        guard end < parser.source.count else { return nil }
        parser.move(to: end + 1)
        return Name(bytes: UnsafeBufferPointer(rebasing: parser.source[start..<end]))
    }

    /// A string; nil for null.
    public mutating func string() -> String? {
        guard !hasFailed, comes(0x22) else {
            readNull()
            return nil
        }
        do throws(JSONError) {
            return try parser.string()
        } catch {
            hasFailed = true
            return nil
        }
    }

    /// Any value; null is one, too. nil when there is none.
    public mutating func value() -> JSONValue? {
        guard !hasFailed else { return nil }
        do throws(JSONError) {
            return try parser.value(depth: 1)
        } catch {
            hasFailed = true
            return nil
        }
    }

    /// True or false; nil for null.
    public mutating func bool() -> Bool? {
        switch value() {
        case .bool(let value)?: return value
        case .null?: return nil
        default:
            hasFailed = true
            return nil
        }
    }

    private mutating func readNull() {
        guard case .null? = value() else {
            hasFailed = true
            return
        }
    }

    /// Whether this byte follows, behind white space.
    private mutating func comes(_ byte: UInt8) -> Bool {
        parser.skipSpace()
        return parser.offset < parser.source.count && parser.source[parser.offset] == byte
    }

    /// Steps over white space and this byte; false leaves the byte where it is.
    private mutating func take(_ byte: UInt8) -> Bool {
        guard comes(byte) else { return false }
        parser.move(to: parser.offset + 1)
        return true
    }
}

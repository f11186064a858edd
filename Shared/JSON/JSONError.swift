/// How large a document may be.
public struct JSONLimits: Sendable {
    /// Arrays and objects inside each other; a document `[]` has depth 1. At most 1,000, since the
    /// parser recurses.
    public var maxDepth: Int
    /// In bytes.
    public var maxBytes: Int

    public init(maxDepth: Int = 128, maxBytes: Int = 16 * 1024 * 1024) {
        self.maxDepth = min(maxDepth, 1000)
        self.maxBytes = maxBytes
    }
}

/// Why a text is not JSON, and where.
public struct JSONError: Error, Equatable, CustomStringConvertible {
    /// One sentence without its full stop.
    public var reason: String
    /// In bytes from the start, from 0.
    public var offset: Int
    /// From 1.
    public var line: Int
    /// In characters (Unicode scalars) from the start of the line, from 1.
    public var column: Int

    public init(reason: String, offset: Int, line: Int, column: Int) {
        self.reason = reason
        self.offset = offset
        self.line = line
        self.column = column
    }

    init(reason: String, offset: Int, in source: UnsafeBufferPointer<UInt8>) {
        let place = JSONPlace(offset: offset, in: source)
        self.init(reason: reason, offset: offset, line: place.line, column: place.column)
    }

    public var description: String { "line \(line), column \(column): \(reason)" }
}

/// Line and column of an offset, both from 1.
struct JSONPlace {
    var line = 1
    var column = 1

    init(offset: Int, in source: UnsafeBufferPointer<UInt8>) {
        for byte in source.prefix(offset) {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {  // continuation bytes belong to the character before
                column += 1
            }
        }
    }
}

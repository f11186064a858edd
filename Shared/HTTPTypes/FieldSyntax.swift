/// What names and values of header fields are made of (RFC 9110, sections 5.5 and 5.6.2). Judged here alone: a line end
/// that gets through would let the author of a value write further fields.
public enum FieldSyntax {
    /// A bit for each of `!#$%&'*+-.0123456789`.
    @usableFromInline static let tokensBelow64: UInt64 = 0x03FF_6CFA_0000_0000
    /// A bit for each letter and for each of ``^_`|~``.
    @usableFromInline static let tokensFrom64: UInt64 = 0x57FF_FFFF_C7FF_FFFE
    /// A one in each of eight bytes.
    @usableFromInline static let ones: UInt64 = 0x0101_0101_0101_0101

    @inlinable @inline(__always)
    public static func isToken(_ byte: UInt8) -> Bool {
        guard byte < 0x80 else { return false }
        return (byte < 64 ? tokensBelow64 : tokensFrom64) &>> UInt64(byte & 63) & 1 != 0
    }

    /// Whether the bytes are a token, which is never empty.
    @inlinable
    public static func isToken(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for byte in bytes where !isToken(byte) { return false }
        return !bytes.isEmpty
    }

    public static func isToken(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { isToken(UnsafeRawBufferPointer($0)) }
    }

    /// Visible characters, space, tab, and bytes beyond ASCII.
    @inlinable @inline(__always)
    public static func isValue(_ byte: UInt8) -> Bool { byte >= 0x20 ? byte != 0x7F : byte == 0x09 }

    /// Whether a value may be made of these bytes.
    @inlinable
    public static func isValue(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var start = 0
        // Eight at once: below 0x20, or equal to 0x7F, shows as a borrow into a top bit.
        while start + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)
            let deletes = word ^ (ones &* 0x7F)
            let found = (word &- ones &* 0x20) & ~word | (deletes &- ones) & ~deletes
            if found & (ones << 7) != 0, !bytes[start..<(start + 8)].allSatisfy({ isValue($0) }) {
                return false
            }
            start += 8
        }
        return bytes[start...].allSatisfy { isValue($0) }
    }

    public static func isValue(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { isValue(UnsafeRawBufferPointer($0)) }
    }
}

import Glibc

/// What the parser has to know of bytes beside `FieldSyntax`.
enum HTTPCharacters {
    /// A one in each of eight bytes.
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// No control character and no space; bytes beyond ASCII are let through, as browsers and curl send
    /// them unescaped.
    @inline(__always)
    static func isTarget(_ byte: UInt8) -> Bool { byte > 0x20 && byte != 0x7F && byte != 0x23 }

    @inline(__always)
    static func hexDigit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case 0x30...0x39: UInt64(byte &- 0x30)
        case 0x41...0x46: UInt64(byte &- 0x37)
        case 0x61...0x66: UInt64(byte &- 0x57)
        default: nil
        }
    }

    /// Whether `bytes` is `text` but for ASCII case; `text` is lower-case.
    @inline(__always)
    static func matches(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount, let start = bytes.baseAddress else { return false }
        return strncasecmp(
            start.assumingMemoryBound(to: CChar.self),
            UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self), bytes.count) == 0
    }

    /// Without spaces and tabs at both ends.
    @inline(__always)
    static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var start = 0
        var end = bytes.count
        while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
        while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
        // Nearly all are ASCII, and `validating` costs several times what this costs.
        var start = 0
        var union: UInt64 = 0
        while start + 8 <= bytes.count {
            union |= bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)
            start += 8
        }
        var rest: UInt8 = union & (ones << 7) == 0 ? 0 : 0x80
        for byte in bytes[start...] { rest |= byte }
        return rest < 0x80 || String(validating: bytes, as: UTF8.self) != nil
    }

    /// UTF-8, or ISO 8859-1 for bytes that are not: RFC 9110, section 5.5, leaves the meaning open, and no
    /// byte is lost this way.
    static func string(_ bytes: UnsafeRawBufferPointer) -> String {
        if isUTF8(bytes) { return String(decoding: bytes, as: UTF8.self) }
        var text = ""
        for byte in bytes { text.unicodeScalars.append(Unicode.Scalar(byte)) }
        return text
    }
}

/// Judges text that comes in pieces, which may end within a character (RFC 3629, section 4).
struct UTF8Check: Sendable {
    /// Bytes that the character which has begun still lacks.
    private var missing = 0
    /// What the next of them may be: the second byte decides over overlong forms, surrogates and the upper end.
    private var allowed: ClosedRange<UInt8> = 0x80...0xBF

    /// Whether no character is cut.
    var isComplete: Bool { missing == 0 }

    /// False as soon as no continuation can make it UTF-8.
    mutating func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for byte in bytes where !take(byte) { return false }
        return true
    }

    @inline(__always)
    private mutating func take(_ byte: UInt8) -> Bool {
        if missing > 0 {
            guard allowed.contains(byte) else { return false }
            missing -= 1
            allowed = 0x80...0xBF
            return true
        }
        if byte < 0x80 { return true }
        switch byte {
        case 0xC2...0xDF: missing = 1
        case 0xE0: (missing, allowed) = (2, 0xA0...0xBF)
        case 0xED: (missing, allowed) = (2, 0x80...0x9F)
        case 0xE1...0xEF: missing = 2
        case 0xF0: (missing, allowed) = (3, 0x90...0xBF)
        case 0xF1...0xF3: missing = 3
        case 0xF4: (missing, allowed) = (3, 0x80...0x8F)
        default: return false
        }
        return true
    }
}

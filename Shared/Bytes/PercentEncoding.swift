/// Percent-encoding of URI components (RFC 3986, section 2.1).
public enum PercentEncoding {
    /// The bytes that stay as they are.
    public enum Keep: Sendable {
        /// Letters, digits, `-`, `.`, `_` and `~` (RFC 3986, section 2.3).
        case unreserved
        /// The same and `/`, for a whole path.
        case unreservedAndSlash
    }

    /// `text` with every byte outside `keeping` written as `%` and two upper-case digits.
    public static func encode(_ text: String, keeping: Keep = .unreserved) -> String {
        encode(bytes: text.utf8, keeping: keeping)
    }

    /// Whether `text` has only bytes that `encode` keeps: both encoding and decoding leave it as it is.
    public static func isEncoded(_ text: String, keeping: Keep = .unreserved) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            for byte in bytes
            where !isUnreserved(byte) && !(byte == 0x2F && keeping == .unreservedAndSlash) {
                return false
            }
            return true
        }
    }

    /// The same for bytes that need not be UTF-8.
    public static func encode(bytes: some Collection<UInt8>, keeping: Keep = .unreserved) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(bytes.count + bytes.count / 4)
        for byte in bytes {
            if isUnreserved(byte) || (byte == 0x2F && keeping == .unreservedAndSlash) {
                encoded.append(byte)
            } else {
                encoded.append(0x25)
                encoded.append(Hex.upperDigit(byte >> 4))
                encoded.append(Hex.upperDigit(byte & 15))
            }
        }
        return String(utf8: encoded)
    }

    /// The text behind `text`; nil for a `%` without two hexadecimal digits or a result that is not
    /// UTF-8. With `plusIsSpace` a `+` means a space, as in HTML forms.
    public static func decode(_ text: String, plusIsSpace: Bool = false) -> String? {
        guard text.utf8.contains(where: { $0 == 0x25 || $0 == 0x2B && plusIsSpace }) else { return text }
        guard let bytes = decodeBytes(text, plusIsSpace: plusIsSpace) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The bytes behind `text`; nil for a `%` without two hexadecimal digits.
    public static func decodeBytes(_ text: String, plusIsSpace: Bool = false) -> [UInt8]? {
        let source = text.bytes
        guard source.contains(0x25) || plusIsSpace && source.contains(0x2B) else { return source }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(source.count)
        var index = 0
        while index < source.count {
            let byte = source[index]
            if byte == 0x25 {
                guard index + 2 < source.count, let high = Hex.value(of: source[index + 1]),
                    let low = Hex.value(of: source[index + 2])
                else { return nil }
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(byte == 0x2B && plusIsSpace ? 0x20 : byte)
                index += 1
            }
        }
        return decoded
    }

    static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
        default: false
        }
    }
}

/// Base 16 (RFC 4648, section 8).
public enum Hex {
    /// Two lower-case digits for each byte.
    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        bytes.withContiguousStorageIfAvailable { digits($0) } ?? digits(bytes)
    }

    private static func digits(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { text in
            for index in 0..<bytes.count {
                text[2 * index] = digit(bytes[index] >> 4)
                text[2 * index + 1] = digit(bytes[index] & 15)
            }
            return bytes.count * 2
        }
    }

    /// The lowest `digits` hexadecimal digits of `value`, lower-case; 1 to 16.
    public static func encode(_ value: UInt64, digits: Int = 16) -> String {
        String(unsafeUninitializedCapacity: digits) { text in
            for index in 0..<digits {
                let shift = UInt64(4 * (digits - 1 - index))
                text[index] = digit(UInt8(truncatingIfNeeded: value >> shift) & 15)
            }
            return digits
        }
    }

    /// `template` with a digit in the place of each `x`: those of `values` from the top, 16 of each one.
    public static func fill(_ template: StaticString, _ values: UInt64...) -> String {
        String(unsafeUninitializedCapacity: template.utf8CodeUnitCount) { text in
            var used = 0
            for index in 0..<template.utf8CodeUnitCount {
                let byte = template.utf8Start[index]
                guard byte == UInt8(ascii: "x") else {
                    text[index] = byte
                    continue
                }
                let shift = UInt64(60 - 4 * (used % 16))
                text[index] = digit(UInt8(truncatingIfNeeded: values[used / 16] >> shift) & 15)
                used += 1
            }
            return template.utf8CodeUnitCount
        }
    }

    private static func digits(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.underestimatedCount * 2)
        for byte in bytes {
            text.append(digit(byte >> 4))
            text.append(digit(byte & 15))
        }
        return String(utf8: text)
    }

    /// The bytes of `text`, or nil when its length is odd or a character is no hexadecimal digit.
    /// Both cases are accepted.
    public static func decode(_ text: String) -> [UInt8]? {
        let digits = text.bytes
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        var index = 0
        while index < digits.count {
            guard let high = value(of: digits[index]), let low = value(of: digits[index + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
            index += 2
        }
        return bytes
    }

    /// The lower-case digit of 0 to 15.
    @inlinable
    public static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }

    static func upperDigit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x37 + nibble }

    static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x37
        case 0x61...0x66: digit - 0x57
        default: nil
        }
    }
}

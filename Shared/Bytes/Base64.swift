/// Base 64 (RFC 4648): the standard alphabet of section 4 and the URL-safe one of section 5.
public enum Base64 {
    /// Standard alphabet, padded with `=`.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        bytes.withContiguousStorageIfAvailable { encode($0, alphabet: standardAlphabet, padded: true) }
            ?? encode(bytes, alphabet: standardAlphabet, padded: true)
    }

    /// URL-safe alphabet, no padding.
    public static func encodeURL(_ bytes: some Collection<UInt8>) -> String {
        encode(bytes, alphabet: urlAlphabet, padded: false)
    }

    /// The bytes of padded standard base 64, or nil when the text is not strictly RFC 4648: wrong
    /// length, a character outside the alphabet (white space too), misplaced padding, or bits that
    /// are not zero after the last byte.
    public static func decode(_ text: String) -> [UInt8]? {
        let digits = text.bytes
        guard digits.count % 4 == 0 else { return nil }
        var end = digits.count
        while end > 0, digits.count - end < 2, digits[end - 1] == padding { end -= 1 }
        return decode(digits[..<end], values: standardValues)
    }

    /// The bytes of unpadded URL-safe base 64, or nil when the text is not strictly that.
    public static func decodeURL(_ text: String) -> [UInt8]? {
        decode(text.bytes[...], values: urlValues)
    }

    private static let padding: UInt8 = 0x3D
    private static let common = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    private static let standardAlphabet = (common + "+/").bytes
    private static let urlAlphabet = (common + "-_").bytes
    private static let standardValues = values(of: standardAlphabet)
    private static let urlValues = values(of: urlAlphabet)

    /// 255 marks a byte outside the alphabet.
    private static func values(of alphabet: [UInt8]) -> [UInt8] {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }

    private static func encode(
        _ bytes: some Collection<UInt8>, alphabet: [UInt8], padded: Bool
    ) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var group: UInt32 = 0
        var held = 0
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            held += 1
            guard held == 3 else { continue }
            text.append(alphabet[Int(group >> 18)])
            text.append(alphabet[Int(group >> 12 & 63)])
            text.append(alphabet[Int(group >> 6 & 63)])
            text.append(alphabet[Int(group & 63)])
            group = 0
            held = 0
        }
        if held > 0 {
            group <<= UInt32(8 * (3 - held))
            for position in 0...held {
                text.append(alphabet[Int(group >> UInt32(18 - 6 * position) & 63)])
            }
            if padded { text.append(contentsOf: repeatElement(padding, count: 3 - held)) }
        }
        return String(utf8: text)
    }

    private static func decode(_ digits: ArraySlice<UInt8>, values: [UInt8]) -> [UInt8]? {
        guard digits.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count * 3 / 4)
        var group: UInt32 = 0
        var bits: UInt32 = 0
        for digit in digits {
            let value = values[Int(digit)]
            guard value != 255 else { return nil }
            group = group << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: group >> bits))
                group &= (1 << bits) - 1
            }
        }
        return group == 0 ? bytes : nil
    }
}

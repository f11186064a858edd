/// Random UUIDs (RFC 9562, section 5.4).
public enum UUID4 {
    /// A version 4 UUID as 36 lower-case characters, 8-4-4-4-12.
    public static func make(using generator: inout some RandomNumberGenerator) -> String {
        var high = generator.next()
        var low = generator.next()
        high = high & 0xFFFF_FFFF_FFFF_0FFF | 0x0000_0000_0000_4000  // version 4
        low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000  // variant 10
        return String(unsafeUninitializedCapacity: 36) { text in
            for index in 0..<36 {
                if index == 8 || index == 13 || index == 18 || index == 23 {
                    text[index] = 0x2D
                    continue
                }
                // The next digit of 128 bits, from the top.
                text[index] = Hex.digit(UInt8(truncatingIfNeeded: high >> 60))
                high = high << 4 | low >> 60
                low <<= 4
            }
            return 36
        }
    }

    /// The same from the kernel's random numbers.
    public static func make() -> String {
        var generator = BufferedRandomNumberGenerator()
        return make(using: &generator)
    }
}

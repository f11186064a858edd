/// Random UUIDs (RFC 9562, section 5.4).
public enum UUID4 {
    /// A version 4 UUID as 36 lower-case characters, 8-4-4-4-12.
    public static func make(using generator: inout some RandomNumberGenerator) -> String {
        var high = generator.next()
        var low = generator.next()
        high = high & 0xFFFF_FFFF_FFFF_0FFF | 0x0000_0000_0000_4000  // version 4
        low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000  // variant 10
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        ByteOrder.append(high, to: &bytes)
        ByteOrder.append(low, to: &bytes)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in bytes.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 { text.append(0x2D) }
            text.append(Hex.digit(byte >> 4))
            text.append(Hex.digit(byte & 15))
        }
        return String(utf8: text)
    }

    /// The same from the system's random numbers.
    public static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return make(using: &generator)
    }
}

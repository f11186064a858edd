/// Checksums of longer texts out of those of their parts, without the bytes: the first part's checksum moves ahead
/// by the second's length, which is a multiplication by a power of x modulo the checksum's polynomial.
struct CRCCombination<Word: FixedWidthInteger & UnsignedInteger> {
    /// Reflected: the highest power in bit 0.
    let polynomial: Word

    /// The checksum of a text followed by another one.
    /// - Parameter secondLength: of the other one, in bytes; not negative.
    func combine(_ first: Word, _ second: Word, secondLength: Int64) -> Word {
        multiply(power(ofX: UInt64(secondLength) << 3), first) ^ second
    }

    /// x to that power, by squaring.
    private func power(ofX exponent: UInt64) -> Word {
        var result: Word = 1 << (Word.bitWidth - 1)
        var square: Word = 1 << (Word.bitWidth - 2)
        var rest = exponent
        while rest != 0 {
            if rest & 1 == 1 { result = multiply(square, result) }
            square = multiply(square, square)
            rest >>= 1
        }
        return result
    }

    private func multiply(_ a: Word, _ b: Word) -> Word {
        var (rest, shifted, product) = (a, b, Word(0))
        while rest != 0 {
            // The lowest power of what is left of `a` is in its highest bit.
            if rest.leadingZeroBitCount == 0 { product ^= shifted }
            rest <<= 1
            shifted = shifted & 1 == 1 ? (shifted >> 1) ^ polynomial : shifted >> 1
        }
        return product
    }
}

extension CRC32 {
    /// The checksum of a text followed by another one of `secondLength` bytes.
    public static func combine(_ first: UInt32, _ second: UInt32, secondLength: Int64) -> UInt32 {
        CRCCombination(polynomial: UInt32(0xEDB8_8320)).combine(first, second, secondLength: secondLength)
    }
}

extension CRC32C {
    /// The checksum of a text followed by another one of `secondLength` bytes.
    public static func combine(_ first: UInt32, _ second: UInt32, secondLength: Int64) -> UInt32 {
        CRCCombination(polynomial: UInt32(0x82F6_3B78)).combine(first, second, secondLength: secondLength)
    }
}

extension CRC64NVME {
    /// The checksum of a text followed by another one of `secondLength` bytes.
    public static func combine(_ first: UInt64, _ second: UInt64, secondLength: Int64) -> UInt64 {
        CRCCombination(polynomial: UInt64(0x9A6C_9329_AC4B_C9B5)).combine(
            first, second, secondLength: secondLength)
    }
}

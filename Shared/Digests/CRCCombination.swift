/// A checksum of a text that can be had from those of its parts: the first part's moves ahead by the second's
/// length, which is a multiplication by a power of x modulo the checksum's polynomial.
public protocol CombinableChecksum {
    associatedtype Word: FixedWidthInteger & UnsignedInteger & Sendable

    /// Reflected: the highest power in bit 0.
    static var polynomial: Word { get }
}

extension CRC32: CombinableChecksum {
    public static let polynomial: UInt32 = 0xEDB8_8320
}

extension CRC32C: CombinableChecksum {
    public static let polynomial: UInt32 = 0x82F6_3B78
}

extension CRC64NVME: CombinableChecksum {
    public static let polynomial: UInt64 = 0x9A6C_9329_AC4B_C9B5
}

/// The checksum of all parts so far, as if their bytes had been read.
public struct CombinedChecksum<Function: CombinableChecksum>: Sendable {
    public typealias Word = Function.Word

    public private(set) var value: Word
    /// Most parts of an upload are equally long.
    private var lastLength: Int64 = 0
    private var lastPower = Self.one

    /// - Parameter value: of what comes first.
    public init(_ value: Word = 0) { self.value = value }

    /// - Parameter checksum: of a part of `length` bytes that follows; the length is not negative.
    public mutating func append(_ checksum: Word, length: Int64) {
        if length != lastLength {
            lastLength = length
            lastPower = Self.power(ofX: UInt64(length) << 3)
        }
        value = Self.multiply(lastPower, value) ^ checksum
    }

    /// x to the power of 0: the lowest power is in the highest bit.
    private static var one: Word { 1 << (Word.bitWidth - 1) }

    private static func power(ofX exponent: UInt64) -> Word {
        var result = one
        var square = one >> 1
        var rest = exponent
        while rest != 0 {
            if rest & 1 == 1 { result = multiply(square, result) }
            square = multiply(square, square)
            rest >>= 1
        }
        return result
    }

    private static func multiply(_ a: Word, _ b: Word) -> Word {
        var (rest, shifted, product) = (a, b, Word(0))
        while rest != 0 {
            if rest.leadingZeroBitCount == 0 { product ^= shifted }
            rest <<= 1
            shifted = shifted & 1 == 1 ? (shifted >> 1) ^ Function.polynomial : shifted >> 1
        }
        return product
    }
}

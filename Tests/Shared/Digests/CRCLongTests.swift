import Seeded
import Testing

@testable import Digests

/// Checksums of texts that are long enough to be folded, and combined ones.
@Suite struct CRCLongTests {
    /// Bit by bit, as the polynomials define it.
    private static func defined<Word: FixedWidthInteger & UnsignedInteger>(
        _ polynomial: Word, _ bytes: some Sequence<UInt8>
    ) -> Word {
        var state = Word.max
        for byte in bytes {
            state ^= Word(byte)
            for _ in 0..<8 { state = state & 1 == 1 ? state >> 1 ^ polynomial : state >> 1 }
        }
        return ~state
    }

    private static func random(_ count: Int, _ generator: inout SeededRandom) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 32) }
    }

    @Test func longInputsAgreeWithTheDefinitionAtEveryLengthAndAlignment() {
        var generator = SeededRandom.fresh("longInputsAgreeWithTheDefinitionAtEveryLengthAndAlignment")
        let bytes = Self.random(700, &generator)
        for length in Array(100...330) + [511, 512, 513, 639, 640, 641, 680] {
            let start = length % 17
            let part = bytes[start..<start + length]
            let narrow = Self.defined(UInt32(0xEDB8_8320), part)
            let castagnoli = Self.defined(UInt32(0x82F6_3B78), part)
            let wide = Self.defined(UInt64(0x9A6C_9329_AC4B_C9B5), part)
            bytes.withUnsafeBytes { all in
                let slice = UnsafeRawBufferPointer(rebasing: all[start..<start + length])
                #expect(CRC32.update(0, slice) == narrow, "CRC32 of \(length) bytes, seed \(generator.seed)")
                #expect(
                    CRC32C.update(0, slice) == castagnoli, "CRC32C of \(length) bytes, seed \(generator.seed)"
                )
                #expect(
                    CRC64NVME.update(0, slice) == wide, "CRC64NVME of \(length) bytes, seed \(generator.seed)"
                )
            }
        }
    }

    @Test func longPiecesGiveTheSameChecksum() {
        var generator = SeededRandom.fresh("longPiecesGiveTheSameChecksum")
        let bytes = Self.random(5_000, &generator)
        bytes.withUnsafeBytes { all in
            for _ in 0..<50 {
                let cut = Int.random(in: 0...5_000, using: &generator)
                let head = UnsafeRawBufferPointer(rebasing: all[..<cut])
                let tail = UnsafeRawBufferPointer(rebasing: all[cut...])
                #expect(CRC32.update(CRC32.update(0, head), tail) == CRC32.update(0, all), "cut \(cut)")
                #expect(CRC32C.update(CRC32C.update(0, head), tail) == CRC32C.update(0, all), "cut \(cut)")
                let wide = CRC64NVME.update(CRC64NVME.update(0, head), tail)
                #expect(wide == CRC64NVME.update(0, all), "cut \(cut)")
            }
        }
    }

    @Test func combinedChecksumsAreThoseOfTheWhole() {
        var generator = SeededRandom.fresh("combinedChecksumsAreThoseOfTheWhole")
        for round in 0..<60 {
            let bytes = Self.random(Int.random(in: 0...20_000, using: &generator), &generator)
            var cuts = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                Int.random(in: 0...bytes.count, using: &generator)
            }
            cuts.sort()
            cuts.append(bytes.count)
            var narrow = CombinedChecksum<CRC32>()
            var castagnoli = CombinedChecksum<CRC32C>()
            var wide = CombinedChecksum<CRC64NVME>()
            var start = 0
            for cut in cuts {
                let part = Array(bytes[start..<cut])
                let length = Int64(part.count)
                narrow.append(CRC32.checksum(part), length: length)
                castagnoli.append(CRC32C.checksum(part), length: length)
                wide.append(CRC64NVME.checksum(part), length: length)
                start = cut
            }
            #expect(narrow.value == CRC32.checksum(bytes), "round \(round), seed \(generator.seed)")
            #expect(castagnoli.value == CRC32C.checksum(bytes), "round \(round), seed \(generator.seed)")
            #expect(wide.value == CRC64NVME.checksum(bytes), "round \(round), seed \(generator.seed)")
        }
    }

    /// Lengths that nobody can hold in memory: combining is associative.
    @Test func fiveTebibytesCombineInAnyOrder() {
        let (second, third): (Int64, Int64) = (5 << 40, 4 << 40)
        var left = CombinedChecksum<CRC64NVME>(0x0123_4567_89AB_CDEF)
        left.append(0xFEDC_BA98_7654_3210, length: second)
        left.append(42, length: third)
        var rest = CombinedChecksum<CRC64NVME>(0xFEDC_BA98_7654_3210)
        rest.append(42, length: third)
        var right = CombinedChecksum<CRC64NVME>(0x0123_4567_89AB_CDEF)
        right.append(rest.value, length: second + third)
        #expect(left.value == right.value)
        var nothing = CombinedChecksum<CRC32>(7)
        nothing.append(9, length: 0)
        #expect(nothing.value == 7 ^ 9)
    }
}

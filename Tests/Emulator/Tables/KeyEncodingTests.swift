import Seeded
import Testing

@testable import Expressions
@testable import Tables

@Suite struct KeyEncodingTests {
    /// Random strings over few characters, so that they often share their beginnings.
    static func randomBytes(_ random: inout SeededRandom) -> [UInt8] {
        let alphabet: [UInt8] = [0, 1, 0x61, 0x62, 0xFE, 0xFF]
        return (0..<Int.random(in: 0..<5, using: &random)).map { _ in alphabet.randomElement(using: &random)!
        }
    }

    @Test func bytesKeepTheirOrderAndStayApart() {
        var random = SeededRandom.fresh("bytesKeepTheirOrderAndStayApart")
        for _ in 0..<5000 {
            let (a, b) = (Self.randomBytes(&random), Self.randomBytes(&random))
            var (x, y): ([UInt8], [UInt8]) = ([], [])
            KeyEncoding.append(.b(a), to: &x)
            KeyEncoding.append(.b(b), to: &y)
            #expect(UTF8Order.compare(x, y).signum() == UTF8Order.compare(a, b).signum(), "\(a) \(b)")
            if a != b { #expect(!x.starts(with: y) && !y.starts(with: x), "\(a) \(b)") }
            var prefix: [UInt8] = []
            KeyEncoding.appendPrefix(.b(b), to: &prefix)
            let isInside =
                UTF8Order.compare(x, prefix) >= 0
                && (KeyEncoding.successor(ofPrefix: prefix).map { UTF8Order.compare(x, $0) < 0 } ?? true)
            #expect(isInside == a.starts(with: b), "\(a) begins with \(b)")
        }
    }

    @Test func successors() {
        #expect(KeyEncoding.successor(ofPrefix: [1, 2]) == [1, 3])
        #expect(KeyEncoding.successor(ofPrefix: [1, 0xFF]) == [2])
        #expect(KeyEncoding.successor(ofPrefix: [0xFF, 0xFF]) == nil)
        #expect(KeyEncoding.successor(ofPrefix: []) == nil)
    }

    @Test func segmentsTileTheHashes() {
        for total in [1, 2, 3, 10, 1_000_000] {
            var previous: [UInt8]? = KeyEncoding.segment(7, 0, of: total).from
            for segment in 0..<min(total, 1000) {
                let (from, to) = KeyEncoding.segment(7, segment, of: total)
                #expect(UTF8Order.compare(from, previous ?? []) == 0 || segment == 0)
                previous = to
            }
            #expect(KeyEncoding.segment(7, total - 1, of: total).to == [0, 0, 0, 8])
        }
        #expect(KeyEncoding.segment(7, 1, of: 2).from == [0, 0, 0, 7, 0x80, 0, 0, 0, 0, 0, 0, 0])
    }
}

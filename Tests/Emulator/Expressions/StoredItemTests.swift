import JSON
import Seeded
import Testing

@testable import Expressions

/// What is stored, shown at once and by way of values, must be the same.
@Suite struct StoredItemTests {
    static func shown(_ stored: [UInt8]) throws -> (text: [UInt8], size: Int) {
        var text = JSON.JSONText(capacity: 1)
        let size = try stored.withUnsafeBytes { try StoredItem.append($0, to: &text) }
        return (text.bytes, size)
    }

    static func number(_ random: inout SeededRandom) -> DecimalNumber {
        let digits = (0..<Int.random(in: 1...38, using: &random)).map { _ in
            String(Int.random(in: 0...9, using: &random))
        }
        let exponent = Int.random(in: -80...80, using: &random)
        let sign = Bool.random(using: &random) ? "-" : ""
        return (try? DecimalNumber("\(sign)\(digits.joined())e\(exponent)"))
            ?? DecimalNumber(Int.random(in: -1000...1000, using: &random))
    }

    static func text(_ random: inout SeededRandom) -> String {
        let alphabet = ["a", "\"", "\\", "\n", "\u{0}", "é", "😀", "z", " "]
        return (0..<Int.random(in: 1...30, using: &random)).map { _ in
            alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
        }.joined()
    }

    static func bytes(_ random: inout SeededRandom) -> [UInt8] {
        (0..<Int.random(in: 0...9, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    static func map(_ random: inout SeededRandom, depth: Int) -> AttributeMap {
        let count = Int.random(in: 0...4, using: &random)
        return AttributeMap((0..<count).map { _ in (text(&random), value(&random, depth: depth)) })
    }

    static func value(_ random: inout SeededRandom, depth: Int) -> AttributeValue {
        switch Int.random(in: 0...(depth < 4 ? 9 : 7), using: &random) {
        case 0: .s(Bool.random(using: &random) ? "" : text(&random))
        case 1: .n(number(&random))
        case 2: .b(bytes(&random))
        case 3: .strings((0...3).map { _ in text(&random) })
        case 4: .numbers((0...3).map { _ in number(&random) })
        case 5: .binaries((0...3).map { _ in bytes(&random) })
        case 6: .bool(Bool.random(using: &random))
        case 7: .null
        case 8: .m(map(&random, depth: depth + 1))
        default: .l((0..<Int.random(in: 0...4, using: &random)).map { _ in value(&random, depth: depth + 1) })
        }
    }

    @Test func showsWhatValuesShow() throws {
        var random = SeededRandom.fresh("showsWhatValuesShow")
        for _ in 0..<2_000 {
            let item = Self.map(&random, depth: 0)
            let shown = try Self.shown(item.encoded())
            #expect(shown.text == item.json.encoded())
            #expect(shown.size == item.itemSize)
        }
    }

    @Test func refusesWhatIsCutShort() throws {
        var random = SeededRandom.fresh("refusesWhatIsCutShort")
        for _ in 0..<100 {
            let stored = Self.map(&random, depth: 0).encoded()
            for end in 0..<stored.count {
                #expect(throws: CodecError.self) { try Self.shown(Array(stored[..<end])) }
            }
            #expect(throws: CodecError.self) { try Self.shown(stored + [0]) }
        }
    }
}

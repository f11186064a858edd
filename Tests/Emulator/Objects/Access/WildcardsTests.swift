import Bytes
import Seeded
import Testing

@testable import Objects

@Suite struct WildcardsTests {
    private static func glyphs(_ pattern: String) -> [Wildcards.Glyph] {
        pattern.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "*"): .many
            case UInt8(ascii: "?"): .one
            default: .byte(byte)
            }
        }
    }

    /// The definition, without any thought of costs.
    private static func plain(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        let rest = pattern.dropFirst()
        if first == "*" { return (text.startIndex...text.endIndex).contains { plain(rest, text[$0...]) } }
        guard let head = text.first, first == "?" || first == head else { return false }
        return plain(rest, text.dropFirst())
    }

    @Test func agreesWithTheDefinition() {
        var random = SeededRandom.fresh("agreesWithTheDefinition")
        for round in 0..<20_000 {
            let pattern = (0..<Int.random(in: 0...9, using: &random)).map { _ in
                "ab*?ü日*a".randomElement(using: &random)!
            }
            let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                "abaü日".randomElement(using: &random)!
            }
            let expected = Self.plain(pattern[...], text[...])
            let found = Wildcards.match(Self.glyphs(String(pattern)), String(text).bytes)
            if found != expected {
                Issue.record("\(String(pattern)) and \(String(text)), seed \(random.seed), round \(round)")
            }
        }
    }

    @Test func longStretchesAgreeWithTheDefinition() {
        for length in [63, 64, 65, 127, 128, 129, 200] {
            let stretch = String(repeating: "a", count: length - 1)
            for (pattern, text, fits) in [
                ("*\(stretch)b*", "aa\(stretch)b", true), ("*\(stretch)b*", "aa\(stretch)a", false),
                ("*?\(stretch)*", "\(stretch)", false), ("*?\(stretch)*", "ü\(stretch)", true),
                ("*\(stretch)?*\(stretch)*", "\(stretch)x\(stretch)", true),
                ("*\(stretch)?*\(stretch)*", "\(stretch)\(stretch)", false),
            ] {
                #expect(Wildcards.match(Self.glyphs(pattern), text.bytes) == fits, "\(length): \(pattern)")
            }
        }
    }

    private static let a20000 = String(repeating: "a", count: 20_000)

    /// A policy has 20 KB at most, the head of a request 64 KB.
    @Test(arguments: [
        String(repeating: "a*", count: 10_000) + "b", String(repeating: "*a", count: 10_000) + "b",
        "*\(String(repeating: "a", count: 63))b*", "*\(String(repeating: "?", count: 60))b*",
        "*\(String(repeating: "a?", count: 30))b*x", "*aab*aab*aab*", "\(a20000)*", "*\(a20000)",
        "*\(a20000)?",
    ])
    func costsGrowWithTheLengths(_ pattern: String) {
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 65_536)
        var wildcards = Wildcards()
        _ = wildcards.match(Self.glyphs(pattern), text)
        #expect(wildcards.steps <= 2 * (pattern.utf8.count + text.count), "\(wildcards.steps)")
    }

    /// The worst that there is: a stretch as long as a whole policy, a word of bits for each 64 of it.
    @Test func theWorstPatternIsBounded() {
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 65_536)
        var wildcards = Wildcards()
        let fits = wildcards.match(Self.glyphs("*\(Self.a20000)b*"), text)
        #expect(!fits)
        #expect(wildcards.steps <= text.count * (20_001 / 64 + 1) + 20_001)
    }
}

import Seeded
import Testing

@testable import Gateway

@Suite struct ARNPatternTests {
    @Test(
        arguments: [
            ("", "", true), ("", "a", false), ("a", "", false), ("*", "", true), ("*", "any/thing", true),
            ("a*", "a", true), ("a*c", "abc", true), ("a*c", "ac", true), ("a*c", "abcd", false),
            ("*b*", "abc", true), ("a?c", "abc", true), ("a?c", "ac", false), ("?", "", false),
            ("*a*a*", "aa", true), ("*a*a*", "a", false), ("a**b", "ab", true), ("*ab", "aab", true),
            ("arn:*:api/*/GET/*", "arn:aws:api/dev/GET/pets/1", true),
            ("arn:*:api/*/GET/*", "arn:aws:api/dev/POST/pets/1", false),
        ] as [(String, String, Bool)])
    func matches(_ pattern: String, _ text: String, _ expected: Bool) {
        #expect(ARNPattern(pattern).matches(text) == expected)
    }

    /// The plain definition, in time that grows without bounds.
    private func plainly(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == "*" {
            return plainly(pattern.dropFirst(), text)
                || !text.isEmpty && plainly(pattern, text.dropFirst())
        }
        return !text.isEmpty && (first == "?" || first == text.first)
            && plainly(pattern.dropFirst(), text.dropFirst())
    }

    @Test func agreesWithThePlainDefinition() {
        var random = SeededRandom.fresh("ARNPattern")
        for _ in 0..<2_000 {
            let pattern = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                "ab*?".randomElement(using: &random)!
            }
            let text = (0..<Int.random(in: 0...7, using: &random)).map { _ in
                "ab".randomElement(using: &random)!
            }
            #expect(
                ARNPattern(String(pattern)).matches(String(text)) == plainly(pattern[...], text[...]),
                "\(String(pattern)) on \(String(text))")
        }
    }

    @Test func manyStarsCostNoMoreThanTheirLengths() {
        let pattern = ARNPattern(String(repeating: "a*", count: 200) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 5_000)))
    }
}

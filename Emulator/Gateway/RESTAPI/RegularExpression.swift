/// A regular expression of ECMA 262 or Java, as far as Swift's own engine understands it: `\d`, `\w` and `\s` are
/// ASCII, and a code point is a character.
struct RegularExpression {
    private let regex: Regex<AnyRegexOutput>

    /// nil for what cannot be understood.
    init?(_ pattern: String) {
        guard let regex = try? Regex(pattern) else { return nil }
        self.regex = regex.asciiOnlyCharacterClasses().wordBoundaryKind(.simple).matchingSemantics(
            .unicodeScalar)
    }

    func isFound(in text: String) -> Bool { text.firstMatch(of: regex) != nil }

    func isWhole(_ text: String) -> Bool { text.wholeMatch(of: regex) != nil }
}

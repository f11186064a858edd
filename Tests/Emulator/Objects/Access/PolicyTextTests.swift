import Bytes
import Testing

@testable import Objects

@Suite struct PolicyTextTests {
    static var none: PolicyFacts { PolicyFacts { _ in nil } }

    @Test(arguments: [
        ("", "", true), ("", "a", false), ("a", "", false), ("*", "", true), ("*", "anything/at all", true),
        ("a*", "a", true), ("a*", "abc", true), ("a*", "b", false), ("*c", "abc", true),
        ("*c", "abcd", false),
        ("a*c", "ac", true), ("a*c", "abbbc", true), ("a*c", "abbb", false), ("a**c", "abc", true),
        ("*a*b*", "xxaxxbxx", true), ("*a*b*", "xxbxxaxx", false), ("*ab*ab", "ababab", true),
        ("?", "a", true), ("?", "", false), ("?", "ab", false), ("?", "ü", true), ("??", "ü", false),
        ("a?c", "abc", true), ("a?c", "a/c", true), ("*?", "", false), ("*?", "x", true),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/k", true), ("arn:aws:s3:::b/*", "arn:aws:s3:::b", false),
        ("arn:aws:s3:::b*", "arn:aws:s3:::b/k", true), ("A", "a", false), ("[a-z]", "a", false),
        ("[a-z]", "[a-z]", true), ("a.c", "abc", false), ("\u{e9}", "e\u{301}", false), ("${*}", "*", true),
        ("${*}", "x", false), ("${?}x${$}", "?x$", true), ("$a", "$a", true), ("${", "${", true),
        ("a${x}b", "a${x}b", false),
    ])
    func wildcards(_ pattern: String, _ text: String, _ fits: Bool) {
        #expect(PolicyText(pattern).matches(text.bytes, Self.none) == fits)
    }

    @Test(arguments: [
        ("a*", "a*", true), ("a*", "ab", false), ("a?", "a?", true), ("${*}", "*", true), ("ab", "ab", true),
        ("ab", "AB", false), ("", "", true),
    ])
    func equality(_ value: String, _ text: String, _ same: Bool) {
        #expect(PolicyText(value).equals(text.bytes, Self.none) == same)
    }

    @Test func caseOfASCIILettersMayBeIgnored() {
        #expect(PolicyText("s3:Get*").matches("S3:GETOBJECT".bytes, Self.none, ignoringCase: true))
        #expect(PolicyText("ÜBER").equals("Über".bytes, Self.none, ignoringCase: true))
        #expect(!PolicyText("Über").equals("über".bytes, Self.none, ignoringCase: true))
    }

    @Test(arguments: [
        ("home/${aws:username}/*", "home/zoe/k", true), ("home/${AWS:UserName}/*", "home/zoe/k", true),
        ("home/${aws:username}/*", "home/eve/k", false), ("home/${aws:userid}/*", "home//k", false),
        ("home/${aws:userid, 'guest'}/*", "home/guest/k", true),
        ("home/${aws:username, 'guest'}/*", "home/guest/k", false), ("${aws:star}", "anything", false),
        ("${aws:star}", "*", true),
    ])
    func variables(_ pattern: String, _ text: String, _ fits: Bool) {
        let facts = PolicyFacts { ["aws:username": ["zoe"], "aws:star": ["*"]][$0] }
        #expect(PolicyText(pattern).matches(text.bytes, facts) == fits)
        #expect(!PolicyText(pattern, hasVariables: false).matches(text.bytes, facts))
    }

    @Test(arguments: [("a", true), ("a*", false), ("a?", false), ("${aws:username}", false), ("${*}", true)])
    func fixedTexts(_ text: String, _ isFixed: Bool) {
        #expect(PolicyText(text).isFixed == isFixed)
    }

    /// A pattern of many stars must not cost more than its length times the text's.
    @Test(.timeLimit(.minutes(1))) func manyStarsAreNoTrap() {
        let pattern = PolicyText(String(repeating: "a*", count: 200) + "b")
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 20_000)
        #expect(!pattern.matches(text, Self.none))
    }

    @Test(arguments: [
        ("aws:SourceIp", "aws:sourceip"), ("S3:ExistingObjectTag/Team", "s3:existingobjecttag/Team"),
        ("s3:prefix", "s3:prefix"),
    ])
    func namesOfKeys(_ key: String, _ normalised: String) {
        #expect(PolicyFacts.normalised(key) == normalised)
    }
}

import Testing

@testable import Objects

@Suite struct EncodedWordTests {
    @Test(arguments: [
        ("plain text", "plain text"), ("tab\tinside", "tab\tinside"), ("", ""),
        ("mostly plain ü", "=?UTF-8?Q?mostly_plain_=C3=BC?="),
        ("a=b?c_dé", "=?UTF-8?Q?a=3Db=3Fc=5Fd=C3=A9?="),
        ("你好", "=?UTF-8?B?5L2g5aW9?="), ("aü", "=?UTF-8?B?YcO8?="), ("a\u{7F}", "=?UTF-8?B?YX8=?="),
    ])
    func written(_ value: String, _ sent: String) { #expect(EncodedWord.encode(value) == sent) }

    @Test(arguments: [
        ("plain", "plain"), ("what?", "what?"), ("=?UTF-8?Q?two_words?=", "two words"),
        ("=?utf-8?q?=c3=bc?=", "ü"), ("=?UTF-8?B?5L2g5aW9?=", "你好"), ("=?ISO-8859-1?Q?=FC?=", "ü"),
        ("=?US-ASCII?Q?a?=", "a"), ("a =?UTF-8?Q?b?= c", "a b c"), ("=?UTF-8?Q?a?= =?UTF-8?Q?b?=", "ab"),
        ("=?UTF-8?Q?a?=  x", "a  x"),
    ])
    func read(_ sent: String, _ value: String) { #expect(EncodedWord.decode(sent) == value) }

    /// What cannot be read, or would break a header line, stays as it came.
    @Test(arguments: [
        "=?UTF-8?Q?=0D=0AX:_1?=", "=?UTF-8?Q?=00?=", "=?UTF-8?Q?=C3?=", "=?UTF-8?Q?=C?=", "=?UTF-8?Q?=ZZ?=",
        "=?UTF-8?B?***?=", "=?KOI8-R?Q?a?=", "=?UTF-8?X?a?=", "=?UTF-8?Q?a", "=?UTF-8?Q?a?b?=", "=??=",
    ])
    func leftAlone(_ sent: String) { #expect(EncodedWord.decode(sent) == sent) }

    @Test func whatIsWrittenIsReadAgain() {
        for value in ["ü", "a ü b", "你好 hello", "=?", "é=_?", "\u{1F600} smile", "ÄMÄZÕÑ S3"] {
            #expect(EncodedWord.decode(EncodedWord.encode(value)) == value)
        }
    }
}

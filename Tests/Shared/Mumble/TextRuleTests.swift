import Mumble
import Testing

@Suite struct TextRuleTests {
    @Test(arguments: ["ann", "Ann_B-2", "a@b.example", "x", String(repeating: "a", count: 64)])
    func userIDs(_ text: String) { #expect(TextRule.userID.accepts(text)) }

    @Test(arguments: [
        "", "a#b", "../a", ".", "..", "a b", "a\u{0}", "a\"b", "安", "é", "a/b", "a\n",
        String(repeating: "a", count: 65),
    ])
    func notUserIDs(_ text: String) { #expect(!TextRule.userID.accepts(text)) }

    @Test(arguments: ["r", "img:1", "00000000-0000-4000-8000-000000000001", "a.b_c"])
    func resourceIDs(_ text: String) { #expect(TextRule.resourceID.accepts(text)) }

    @Test(arguments: ["", "a#b", "../x", "a b", "a\u{0}b", "'", "a@b", "k\u{212A}"])
    func notResourceIDs(_ text: String) { #expect(!TextRule.resourceID.accepts(text)) }

    @Test(arguments: ["like", "a", "a_1", "page_view"]) func counterTypes(_ text: String) {
        #expect(TextRule.counterType.accepts(text))
    }

    @Test(arguments: ["", "Like", "1a", "_a", "a-b", "a#", "ä", String(repeating: "a", count: 33)])
    func notCounterTypes(_ text: String) { #expect(!TextRule.counterType.accepts(text)) }

    @Test func identifiersAreLowerCaseUUIDs() {
        #expect(TextRule.identifier.accepts("0a1b2c3d-0000-4000-8000-00000000000f"))
        for wrong in [
            "", "0A1B2C3D-0000-4000-8000-00000000000F", "0a1b2c3d-0000-4000-8000-00000000000",
            "0a1b2c3d00000-4000-8000-00000000000f", "0a1b2c3d-0000-4000-8000-00000000000g",
            "../../../../../../../../../etc/passw",
        ] {
            #expect(!TextRule.identifier.accepts(wrong), "\(wrong)")
        }
    }

    @Test func proseTakesAnyScriptButNoControls() {
        let rule = TextRule.prose(maximum: 10)
        for good in ["a", "雪中的红狐狸", "🦊🦊🦊", "a\nb", "größer"] { #expect(rule.accepts(good), "\(good)") }
        for wrong in ["", " ", "\n\t", "\u{3000}", "a\u{0}", "a\u{1B}[2J", "a\u{85}", "12345678901"] {
            #expect(!rule.accepts(wrong), "\(wrong)")
        }
    }

    @Test func proseCountsScalarsNotClusters() {
        // One visible character may hide any number of combining marks.
        #expect(!TextRule.prose(maximum: 10).accepts("a" + String(repeating: "\u{301}", count: 10)))
    }

    @Test func audioKeys() {
        let id = "00000000-0000-4000-8000-000000000001"
        #expect(AudioKey.identifier(in: "audio/\(id).wav") == id)
        #expect(AudioKey.identifier(in: AudioKey.make(id, .m4a)) == id)
        for wrong in [
            "", "audio/", "audio/\(id)", "audio/\(id).exe", "audio/\(id).wav.exe", "images/\(id).wav",
            "audio/../\(id).wav", "/audio/\(id).wav", "audio/\(id).wav\u{0}", "audio//\(id).wav",
        ] {
            #expect(AudioKey.identifier(in: wrong) == nil, "\(wrong)")
        }
    }
}

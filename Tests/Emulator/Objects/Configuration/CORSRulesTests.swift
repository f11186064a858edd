import Bytes
import Digests
import HTTPTypes
import Testing

@testable import Objects

@Suite struct CORSRulesTests {
    private static func rule(
        origins: [String] = ["*"], methods: [String] = ["GET"], headers: [String] = []
    ) -> CORSRule {
        CORSRule(
            id: nil, allowedOrigins: origins, allowedMethods: methods, allowedHeaders: headers,
            exposeHeaders: [], maxAgeSeconds: nil)
    }

    @Test(arguments: [
        ("*", "", true), ("*", "https://a.example", true), ("https://*.example", "https://a.example", true),
        ("https://*.example", "https://.example", true), ("https://*.example", "https://example", false),
        ("https://*.example", "https://a.example.org", false), ("a*a", "a", false), ("a*a", "aa", true),
        ("http://x", "http://x", true), ("http://x", "http://X", false), ("http://x", "http://x:80", false),
        ("*x", "x", true), ("x*", "x", true), ("\u{e9}*", "e\u{301}", false),
    ])
    func patterns(_ pattern: String, _ text: String, _ fits: Bool) {
        #expect(CORSPattern(pattern).fits(text.utf8) == fits)
    }

    @Test func theFirstRuleThatFitsDecides() throws {
        let rules = CORSRules([
            Self.rule(origins: ["http://a"], headers: ["x-one"]), Self.rule(origins: ["http://*"]),
            Self.rule(methods: ["PUT"], headers: ["X-Amz-*", "Content-Type"]),
        ])
        var count = 0
        func match(_ origin: String, _ method: String, _ names: String...) -> CORSRules.Match? {
            rules.match(
                origin: origin, method: method, CORSRequestedHeaders(names), comparisons: &count)
        }
        #expect(match("http://a", "GET", "X-One")?.rule.allowedHeaders == ["x-one"])
        #expect(match("http://a", "GET")?.isForAnyone == false)
        #expect(match("http://a", "GET", "X-Two") == nil)
        #expect(match("https://b", "GET") == nil)
        #expect(match("https://b", "PUT", "x-amz-date, content-TYPE")?.isForAnyone == true)
        #expect(match("https://b", "PUT", "x-amz-date", "x-own") == nil)
    }

    /// Anybody may ask: what a preflight costs is bounded whatever it names, in a bucket with as many patterns as a
    /// configuration of 64 KB has.
    @Test func theWorstPreflightIsBounded() {
        let patterns = (0..<1_900).map { "*\($0)" }
        let rules = CORSRules(
            (0..<19).map { number in Self.rule(headers: Array(patterns[number * 100..<(number + 1) * 100])) })
        var count = 0
        let many = (0..<30_000).map { "y\($0)z" }.joined(separator: ",")
        #expect(
            rules.match(
                origin: "o", method: "GET", CORSRequestedHeaders([many]), comparisons: &count) == nil)
        #expect(count == 0, "so many names are not looked at")
        let most = (0..<CORSRequestedHeaders.maxNames).map { "y\($0)z" }.joined(separator: ",")
        #expect(
            rules.match(
                origin: "o", method: "GET", CORSRequestedHeaders([most]), comparisons: &count) == nil)
        #expect(count <= 19 + patterns.count, "a rule ends at the first name that it does not allow")
    }

    /// Names without a wildcard are looked up.
    @Test func plainNamesCostNoComparisons() {
        let names = (0..<250).map { "x-name-\($0)" }
        var count = 0
        let rules = CORSRules([Self.rule(headers: names.map { $0.uppercased() })])
        let headers = CORSRequestedHeaders([names.joined(separator: ", ")])
        #expect(rules.match(origin: "o", method: "GET", headers, comparisons: &count) != nil)
        #expect(count == 1, "the origin alone")
    }

    @Test func repeatedNamesCostOnce() {
        var count = 0
        let rules = CORSRules([Self.rule(headers: ["a*", "b*", "x-*"])])
        let headers = CORSRequestedHeaders([Array(repeating: "X-Name", count: 200).joined(separator: ",")])
        #expect(rules.match(origin: "o", method: "GET", headers, comparisons: &count) != nil)
        #expect(count == 4)
        #expect(headers.names.count == 200)
    }

    @Test(arguments: [
        (Array(repeating: "x", count: 256).joined(separator: ","), false),
        (Array(repeating: "x", count: 257).joined(separator: ","), true),
        (String(repeating: "x", count: 256), false), (String(repeating: "x", count: 257), true),
        (String(repeating: ",", count: 60_000), false),
    ])
    func namesAreBounded(_ header: String, _ areTooMany: Bool) {
        #expect(CORSRequestedHeaders([header]).areTooMany == areTooMany)
    }

    private func configuration(_ bytes: Int) -> [UInt8] {
        let start =
            "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>"
        let end = "</CORSRule></CORSConfiguration>"
        let blank = String(repeating: " ", count: bytes - start.utf8.count - end.utf8.count)
        return (start + blank + end).bytes
    }

    @Test func aConfigurationHas64KilobytesAtMost() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        for (size, status) in [(65_536, 200), (65_537, 400)] {
            let xml = configuration(size)
            let answer = try await bench.send(
                "PUT", "/bucket?cors", [("Content-MD5", Base64.encode(MD5.hash(xml)))], xml)
            #expect(answer.status == status, "\(answer.text)")
            if status == 400 {
                bench.expect(
                    answer, 400, "MaxMessageLengthExceeded", "Your request was too big.",
                    ["<MaxMessageLengthBytes>65536</MaxMessageLengthBytes>"])
            }
        }
    }

    @Test func tooManyNamesAreAllowedNothing() async throws {
        let bench = try ObjectsBench()
        try await bench.bucket()
        let xml = """
            <CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>\
            <AllowedHeader>*</AllowedHeader></CORSRule></CORSConfiguration>
            """.bytes
        try await bench.send("PUT", "/bucket?cors", [("Content-MD5", Base64.encode(MD5.hash(xml)))], xml)
        for (count, status) in [(256, 200), (257, 403)] {
            let names = (0..<count).map { "x-\($0)" }.joined(separator: ",")
            let answer = try await bench.send(
                "OPTIONS", "/bucket/k",
                [
                    ("Origin", "http://a"), ("Access-Control-Request-Method", "GET"),
                    ("Access-Control-Request-Headers", names),
                ])
            #expect(answer.status == status, "\(answer.text)")
        }
    }
}

import JSON
import Testing

@testable import App

@Suite struct ManifestTests {
    private let minimal = """
        {
          "service": "s",
          "functions": { "hello": { "executable": "hello", "timeout": 5 } },
          "httpApi": { "routes": [ { "route": "GET /hello", "function": "hello" } ] }
        }
        """

    private func complaint(_ text: String) -> String? {
        do {
            _ = try ManifestReader.parse(Array(text.utf8), path: "m.json")
            return nil
        } catch { return error.description }
    }

    @Test func readsAMinimalManifestWithLambdasDefaults() throws {
        let manifest = try ManifestReader.parse(Array(minimal.utf8), path: "dir/m.json")
        #expect(manifest.directory == "dir")
        #expect(manifest.region == "us-east-1")
        #expect(manifest.accountID == "000000000000")
        #expect(manifest.credentials.accessKeyID == "test")
        let function = try #require(manifest.function("hello"))
        #expect(function.memorySize == 128)
        #expect(function.timeout == 5)
        #expect(manifest.routes.map(\.key) == ["GET /hello"])
    }

    @Test(
        arguments: [
            ("{}", "index.html", nil),
            ("{\"index\": \"start.html\", \"error\": \"e/404.html\"}", "start.html", "e/404.html"),
        ] as [(String, String, String?)])
    func readsTheWebSiteOfABucket(site: String, index: String, error: String?) throws {
        let bucket = "\"buckets\": [{\"name\": \"site\", \"website\": \(site)}, {\"name\": \"other\"}]"
        let text = minimal.replacing("\"service\": \"s\"", with: "\"service\": \"s\", \(bucket)")
        let buckets = try ManifestReader.parse(Array(text.utf8), path: "m.json").buckets
        #expect(buckets[0].website?.index == index)
        #expect(buckets[0].website?.error == error)
        #expect(buckets[1].website == nil)
    }

    /// Each case: what is replaced in the minimal manifest, by what, and what the complaint must contain.
    @Test(arguments: [
        ("\"timeout\": 5", "\"timeout\": 0", ["m.json:3", "functions.hello.timeout", "1 to 900"]),
        ("\"timeout\": 5", "\"timeout\": \"5\"", ["m.json:3", "whole number"]),
        ("\"timeout\": 5", "\"timout\": 5", ["m.json:3", "did you mean 'timeout'"]),
        ("\"function\": \"hello\"", "\"function\": \"helo\"", ["m.json:4", "did you mean 'hello'"]),
        (
            "\"httpApi\": {",
            "\"restApi\": {\"apiId\": \"one\", \"routes\": []}, \"httpApi\": {\"apiId\": \"one\", ",
            ["m.json:4", "has the id 'one', as 'httpApi' does"]
        ),
        ("GET /hello", "GET hello", ["m.json:4", "httpApi.routes.0.route"]),
        ("\"service\": \"s\"", "\"service\": \"\"", ["m.json:2", "'service'"]),
        ("\"service\": \"s\",", "", ["lacks the field 'service'"]),
        ("\"service\": \"s\",", "\"service\": \"s\"", ["m.json:3", "not JSON"]),
        ("\"service\": \"s\",", "\"service\": \"s\", \"accountId\": \"12\",", ["m.json:2", "twelve digits"]),
        (
            "\"service\": \"s\",",
            "\"service\": \"s\", \"buckets\": [{\"name\": \"b\", \"website\": {\"index\": \"a/b\"}}],",
            ["m.json:2", "buckets.0.website.index", "must not contain '/'"]
        ),
        (
            "\"service\": \"s\",",
            "\"service\": \"s\", \"buckets\": [{\"name\": \"b\", \"website\": {\"indx\": \"a\"}}],",
            ["m.json:2", "did you mean 'index'"]
        ),
        (
            "\"service\": \"s\",", "\"service\": \"s\", \"environment\": {\"1A\": \"x\"},",
            ["m.json:2", "environment.1A"]
        ),
        (
            "{ \"route\": \"GET /hello\", \"function\": \"hello\" }",
            "{ \"route\": \"GET /a/{x}\", \"function\": \"hello\" },\n{ \"route\": \"GET /a/{y}\", \"function\": \"hello\" }",
            ["m.json:5", "GET /a/{x}", "GET /a/{y}"]
        ),
    ])
    func refusesWithFileLineAndRemedy(_ old: String, _ new: String, _ parts: [String]) throws {
        let text = minimal.replacing(old, with: new)
        #expect(text != minimal)
        let said = try #require(complaint(text))
        for part in parts { #expect(said.contains(part), "\(said) lacks \(part)") }
    }
}

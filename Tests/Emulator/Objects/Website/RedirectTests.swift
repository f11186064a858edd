import AWSProtocol
import Bytes
import Testing

@testable import Objects

/// Where the redirects of web sites go.
@Suite struct RedirectTests {
    private func location(
        _ redirect: WebsiteConfiguration.Redirect, _ key: String, prefix: String? = nil, query: String = ""
    ) -> String {
        redirect.location(of: key.bytes, prefix: prefix, ownHost: "site.localhost:1", query: query)
    }

    @Test func whatIsNotSaidStays() {
        #expect(location(.init(), "a b/é", query: "q=1") == "http://site.localhost:1/a%20b/%C3%A9?q=1")
    }

    @Test func hostAndScheme() {
        #expect(location(.init(host: "e.com", scheme: "https"), "k") == "https://e.com/k")
    }

    @Test func keys() {
        #expect(location(.init(key: "new page"), "old") == "http://site.localhost:1/new%20page")
        #expect(location(.init(key: "p?a=1"), "old", query: "b=2") == "http://site.localhost:1/p?a=1&b=2")
        #expect(
            location(.init(keyPrefix: "#!/"), "deep/page", prefix: nil)
                == "http://site.localhost:1/#!/deep/page")
        #expect(
            location(.init(keyPrefix: "new/"), "old/x", prefix: "old/") == "http://site.localhost:1/new/x")
        #expect(location(.init(keyPrefix: ""), "old/x", prefix: "old/") == "http://site.localhost:1/x")
    }

    /// A configuration cannot end the header line.
    @Test func lineEnds() {
        let text = location(.init(host: "h\r\nSet-Cookie: a", key: "k\r\nX: y"), "old")
        #expect(text == "http://h%0D%0ASet-Cookie:%20a/k%0D%0AX:%20y")
    }

    @Test func rules() {
        func rule(_ prefix: String?, _ status: Int?) -> WebsiteConfiguration.RoutingRule {
            .init(prefix: prefix, errorStatus: status, redirect: .init())
        }
        #expect(rule("a/", nil).fits("a/b".bytes, status: nil))
        #expect(!rule("a/", nil).fits("b".bytes, status: nil))
        #expect(!rule("a/", 404).fits("a/b".bytes, status: nil))
        #expect(rule("a/", 404).fits("a/b".bytes, status: 404))
        #expect(!rule("a/", 404).fits("a/b".bytes, status: 403))
        #expect(rule(nil, nil).fits([], status: nil))
        #expect(!rule(nil, nil).fits([], status: 404))
    }
}

import HTTPClient
import Testing

@Suite struct URLPartsTests {
    @Test func parts() throws {
        let url = try #require(URLParts("HTTPS://API.Example.com:8443/a%20b/c?x=1&y=?#f"))
        #expect(url.scheme == "https" && url.host == "api.example.com" && url.port == 8443)
        #expect(url.path == "/a%20b/c" && url.query == "x=1&y=?")
        #expect(url.hostHeader == "api.example.com:8443" && url.target == "/a%20b/c?x=1&y=?")
        #expect(url.description == "https://api.example.com:8443/a%20b/c?x=1&y=?")
    }

    @Test func defaults() throws {
        let plain = try #require(URLParts("http://h"))
        #expect(plain.port == 80 && plain.path == "/" && plain.query == "" && plain.hostHeader == "h")
        let query = try #require(URLParts("https://h?a=b"))
        #expect(query.port == 443 && query.target == "/?a=b" && query.hostHeader == "h")
        #expect(URLParts("https://h:443/")?.hostHeader == "h")
        #expect(URLParts("http://h:443/")?.hostHeader == "h:443")
    }

    @Test func addressesInBrackets() throws {
        let url = try #require(URLParts("http://[::1]:4566/x"))
        #expect(url.host == "::1" && url.port == 4566 && url.hostHeader == "[::1]:4566")
    }

    @Test(arguments: [
        "", "h", "ftp://h/", "http://", "http:///x", "http://h:0/", "http://h:65536/", "http://h:x/",
        "http://h:/", "http://user:secret@h/", "http://h/a b", "http://h/ä", "http://[::1", "http://[]/",
        "http://h/\r\nX: y", "http://[::1]x/",
    ])
    func refused(_ text: String) { #expect(URLParts(text) == nil) }
}

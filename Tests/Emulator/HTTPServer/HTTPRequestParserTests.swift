import HTTPTypes
import Testing

@testable import HTTPServer

@Suite struct HTTPRequestParserTests {
    struct Good: Sendable, CustomTestStringConvertible {
        let text: String
        let method: String
        let target: String
        var body = ""
        var keepsAlive = true
        var fields: [(String, String)] = [("Host", "a")]

        var testDescription: String { text.debugDescription }
    }

    static let good: [Good] = [
        Good(text: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", method: "GET", target: "/"),
        Good(text: "\r\n\r\nGET /x?y=%20 HTTP/1.1\r\nHost: a\r\n\r\n", method: "GET", target: "/x?y=%20"),
        Good(text: "M-SEARCH /~a HTTP/1.1\r\nHost: a\r\n\r\n", method: "M-SEARCH", target: "/~a"),
        Good(
            text: "POST / HTTP/1.1\r\nhOST:a\r\ncontent-LENGTH:  5 \t\r\n\r\nhello", method: "POST",
            target: "/",
            body: "hello", fields: [("hOST", "a"), ("content-LENGTH", "5")]),
        Good(
            text: "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", method: "PUT", target: "/",
            fields: [("Host", "a"), ("Content-Length", "0")]),
        Good(
            text: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
                + "5\r\nhello\r\n0A;name=\"v\"\r\n 123456789\r\n0\r\nX-Trailer: t\r\n\r\n",
            method: "POST", target: "/", body: "hello 123456789",
            fields: [("Host", "a"), ("Transfer-Encoding", "Chunked")]),
        Good(
            text: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n000 ; x\r\n\r\n",
            method: "POST",
            target: "/", fields: [("Host", "a"), ("Transfer-Encoding", "chunked")]),
        Good(
            text: "GET / HTTP/1.1\r\nHost: a\r\nConnection: foo, Close\r\n\r\n", method: "GET", target: "/",
            keepsAlive: false, fields: [("Host", "a"), ("Connection", "foo, Close")]),
        Good(text: "GET / HTTP/1.0\r\n\r\n", method: "GET", target: "/", keepsAlive: false, fields: []),
        Good(
            text: "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", method: "GET", target: "/",
            fields: [("Connection", "Keep-Alive")]),
        Good(
            text: "GET http://b:80/c?d HTTP/1.1\r\nX: 1\r\nHost: a\r\n\r\n", method: "GET", target: "/c?d",
            fields: [("X", "1"), ("Host", "b:80")]),
        Good(
            text: "GET HTTPS://b?q HTTP/1.1\r\nHost: a\r\n\r\n", method: "GET", target: "/?q",
            fields: [("Host", "b")]),
        Good(text: "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", method: "OPTIONS", target: "*"),
        Good(text: "GET / HTTP/1.9\r\nHost: a\r\n\r\n", method: "GET", target: "/"),
        Good(text: "GET / HTTP/1.1\r\nHost:\r\n\r\n", method: "GET", target: "/", fields: [("Host", "")]),
        Good(
            text: "GET / HTTP/1.1\r\nHost: [::1]:3000\r\nX:\r\nX: a\tb\r\n\r\n", method: "GET", target: "/",
            fields: [("Host", "[::1]:3000"), ("X", ""), ("X", "a\tb")]),
        Good(
            text: "GET /\u{1F600} HTTP/1.1\r\nHost: a\r\nX: \u{E9}\r\n\r\n", method: "GET",
            target: "/\u{1F600}",
            fields: [("Host", "a"), ("X", "\u{E9}")]),
    ]

    @Test(arguments: good) func understands(_ good: Good) throws {
        let parsed = parse(good.text)
        #expect(parsed.failure == nil)
        #expect(parsed.requests.count == 1)
        let request = try #require(parsed.requests.first)
        #expect(request.isComplete)
        #expect(request.head.method == good.method)
        #expect(request.head.target == good.target)
        #expect(String(decoding: request.body, as: UTF8.self) == good.body)
        #expect(request.head.keepsAlive == good.keepsAlive)
        #expect(request.head.headers.map(\.name) == good.fields.map(\.0))
        #expect(request.head.headers.map(\.value) == good.fields.map(\.1))
    }

    static let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

    static let bad: [(String, Int)] = [
        ("GET / HTTP/1.1\nHost: a\n\n", 400), ("GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\n\n", 400),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\n fold\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nnocolon\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \u{0}\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \u{7F}\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX\u{E9}: y\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400), ("GET http://a/ HTTP/1.1\r\n\r\n", 400),
        ("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /\u{1} HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET /#f HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /\t HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400),
        ("GET /\r\nHost: a\r\n\r\n", 400), ("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET / http/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400), ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505), ("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999999\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u{B}chunked\r\n\r\n", 400),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            400
        ),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (chunked + "\r\n", 400),
        (chunked + "g\r\n", 400),
        (chunked + "-1\r\n", 400), (chunked + "0x1\r\n", 400), (chunked + " 1\r\n", 400),
        (chunked + "1 \r\n", 400),
        (chunked + "1\nx\r\n", 400), (chunked + "1\r\nxy\r\n", 400), (chunked + "1\r\nx\n", 400),
        (chunked + "1;a\rb\r\n", 400), (chunked + "1;a\u{0}\r\n", 400),
        (chunked + "1111111111111111\r\n", 400),
        (chunked + "0\r\nX : y\r\n\r\n", 400), (chunked + "0\r\n\n", 400),
    ]

    @Test(arguments: bad) func refuses(_ text: String, _ status: Int) {
        let parsed = parse(text)
        #expect(parsed.failure?.status == status, "\(parsed)")
        #expect(!parsed.requests.contains { $0.isComplete })
    }

    /// Whole, cut in two at every place, and byte by byte: always the same.
    @Test func splitsChangeNothing() {
        let pipelined = Self.good.filter { $0.keepsAlive }.map(\.text).joined()
        for text in Self.good.map(\.text) + Self.bad.map(\.0) + [pipelined] {
            let bytes = Array(text.utf8)
            let whole = parse([bytes[...]])
            #expect(parse(bytes.indices.map { bytes[$0...$0] }) == whole, "\(text.debugDescription)")
            for cut in bytes.indices where parse([bytes[..<cut], bytes[cut...]]) != whole {
                Issue.record("\(text.debugDescription) differs when cut at \(cut)")
            }
        }
    }

    @Test func pipelinedRequestsAreKeptApart() {
        let parsed = parse(Self.good.filter { $0.keepsAlive }.map(\.text).joined())
        #expect(parsed.requests.count == Self.good.filter { $0.keepsAlive }.count)
        #expect(parsed.requests.allSatisfy { $0.isComplete })
    }

    @Test func limitsAreKept() {
        var limits = HTTPRequestParser.Limits()
        limits.headBytes = 100
        limits.fieldCount = 3
        limits.chunkExtensionBytes = 20
        let long = String(repeating: "a", count: 100)
        #expect(parse("GET /\(long) HTTP/1.1\r\n", limits: limits).failure?.status == 414)
        #expect(parse(long, limits: limits).failure == nil)
        #expect(parse(long + "a", limits: limits).failure?.status == 414)
        #expect(parse("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)", limits: limits).failure?.status == 431)
        #expect(
            parse("GET / HTTP/1.1\r\nHost: a\r\nX: \r\nX: \r\nX: \r\n\r\n", limits: limits).failure?.status
                == 431)
        #expect(parse(String(repeating: "\r\n", count: 51), limits: limits).failure?.status == 431)
        let body = Self.chunked + String(repeating: "1;aaaaaaaaa\r\nx\r\n", count: 3)
        #expect(parse(body, limits: limits).failure?.status == 400)
        #expect(parse(Self.chunked + "1;" + String(repeating: "a", count: 5_000)).failure?.status == 400)
        let trailers = Self.chunked + "0\r\n" + String(repeating: "X: y\r\n", count: 20)
        #expect(parse(trailers, limits: limits).failure?.status == 431)
    }

    @Test func tokenSetsAreThoseOfTheRFC() {
        let others = Set("!#$%&'*+-.^_`|~".utf8)
        for byte in UInt8.min...UInt8.max {
            let expected =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || others.contains(byte)
            #expect(FieldSyntax.isToken(byte) == expected, "\(byte)")
        }
    }

    @Test func bytesThatAreNotUTF8AreReadAsLatin1() {
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nX: ".utf8) + [0xE9] + Array("\r\n\r\n".utf8)
        #expect(parse([bytes[...]]).requests.first?.head.headers["x"] == "\u{E9}")
        let target = Array("GET /".utf8) + [0xE9] + Array(" HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        #expect(parse([target[...]]).failure?.status == 400)
    }
}

import HTTPTypes
import Testing

@testable import Gateway

@Suite struct BackendHeadTests {
    private func head(
        _ headers: HTTPHeaders, method: String = "GET", target: String = "/", body: Int = 0,
        added: [(name: String, value: String)] = []
    ) -> String? {
        BackendHead.encode(
            method: method, target: target, headers: headers, added: added, bodyLength: body
        ).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func leavesOutWhatConcernsOneConnection() {
        let text = head([
            "A": "1", "Connection": "keep-alive, X-Mine", "Keep-Alive": "5", "TE": "trailers",
            "Upgrade": "h2c",
            "Transfer-Encoding": "chunked", "Content-Length": "7", "Expect": "100-continue", "x-mine": "2",
            "Proxy-Authorization": "x", "B": "2",
        ])
        #expect(text == "GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\n\r\n")
    }

    @Test func ownFieldsReplaceTheCallers() {
        let text = head(["host": "old", "A": "1"], added: [("Host", "new")])
        #expect(text == "GET / HTTP/1.1\r\nA: 1\r\nHost: new\r\n\r\n")
    }

    @Test(arguments: [("POST", 0, true), ("GET", 0, false), ("DELETE", 0, false), ("DELETE", 3, true)])
    func saysTheLengthOfABody(method: String, body: Int, says: Bool) throws {
        let text = try #require(head([:], method: method, body: body))
        #expect(text.contains("Content-Length: \(body)\r\n") == says)
    }

    @Test(arguments: [
        ("GE T", "/", "x"), ("", "/", "x"), ("GET", "/a b", "x"), ("GET", "/\r\nX: y", "x"),
        ("GET", "a", "x"),
        ("GET", "/", "a\r\nX: y"), ("GET", "/", "a\u{0}"),
    ])
    func refusesWhatWouldWriteAnotherField(method: String, target: String, value: String) {
        #expect(head(["A": value], method: method, target: target) == nil)
    }

    @Test func anAnswerLosesTheFieldsOfItsConnection() {
        let answer = HTTPResponse(
            status: 200,
            headers: ["A": "1", "Connection": "close, x-b", "X-B": "2", "Content-Length": "3"])
        #expect(answer.withoutConnectionFields.headers == ["A": "1"])
    }
}

@Suite struct ForwardedFieldsTests {
    private let request = HTTPRequest(
        headers: ["Host": "api.test:8080", "X-Forwarded-For": "10.0.0.1"], peerAddress: "127.0.0.1")

    private func value(_ name: String, _ fields: [(name: String, value: String)]) -> String? {
        fields.first { HTTPHeaders.sameName($0.name, name) }?.value
    }

    @Test func anHTTPAPITellsWhoAsks() {
        let fields = ForwardedFields.httpAPI(request, traceID: "Root=1-2")
        #expect(value("x-forwarded-for", fields) == "10.0.0.1, 127.0.0.1")
        #expect(value("x-forwarded-port", fields) == "8080")
        #expect(value("via", fields) == "HTTP/1.1 AmazonAPIGateway")
        #expect(
            value("forwarded", fields) == "by=127.0.0.1;for=127.0.0.1;host=\"api.test:8080\";proto=http")
        #expect(value("x-amzn-trace-id", fields) == "Root=1-2")
    }

    @Test(arguments: [
        ("api.test", "host=api.test"), ("a;for=10.0.0.9", "host=\"a;for=10.0.0.9\""),
        ("a,for=10.0.0.9", "host=\"a,for=10.0.0.9\""), ("[::1]:80", "host=\"[::1]:80\""), ("", "host=\"\""),
    ])
    func aHostCannotSayWhoAsks(host: String, expected: String) {
        let fields = ForwardedFields.httpAPI(HTTPRequest(headers: ["Host": host]), traceID: "Root=1-2")
        #expect(value("forwarded", fields)?.split(separator: ";proto=").first?.hasSuffix(expected) == true)
    }

    @Test func aRestAPINamesItself() {
        let fields = ForwardedFields.restAPI(request, request.headers, apiID: "abc", traceID: "Root=1-2")
        #expect(value("x-amzn-apigateway-api-id", fields) == "abc")
        #expect(value("user-agent", fields) == "AmazonAPIGateway_abc")
        #expect(value("accept", fields) == "application/json")
    }
}

import Clock
import HTTPTypes
import Testing

@testable import HTTPServer

@Suite struct HTTPResponseEncoderTests {
    private func encode(
        _ response: HTTPResponse, minorVersion: Int = 1, isHead: Bool = false, keepsAlive: Bool = true,
        server: String? = nil
    ) -> String {
        var encoder = HTTPResponseEncoder(
            serverName: server, clock: ManualClock(Timestamp(seconds: 1_767_322_984)))
        var output: [UInt8] = []
        encoder.encodeHead(
            response, .init(minorVersion: minorVersion, isHead: isHead, keepsAlive: keepsAlive), into: &output
        )
        return String(decoding: output, as: UTF8.self)
    }

    private let date = "Date: Fri, 02 Jan 2026 03:03:04 GMT\r\n"

    @Test func fieldsLengthAndDate() {
        let response = HTTPResponse(status: 201, headers: ["X-A": "b"], body: .bytes([1, 2, 3]))
        #expect(encode(response) == "HTTP/1.1 201 Created\r\nX-A: b\r\n\(date)Content-Length: 3\r\n\r\n")
    }

    @Test func connectionFollowsTheRequest() {
        let rest = "HTTP/1.1 200 OK\r\n\(date)Content-Length: 0\r\n"
        #expect(encode(HTTPResponse(), keepsAlive: false) == rest + "Connection: close\r\n\r\n")
        #expect(encode(HTTPResponse(), minorVersion: 0) == rest + "Connection: keep-alive\r\n\r\n")
    }

    @Test func dateAndServerOfTheHandlerStand() {
        let response = HTTPResponse(headers: ["date": "now", "Server": "me"])
        #expect(
            encode(response, server: "other")
                == "HTTP/1.1 200 OK\r\ndate: now\r\nServer: me\r\nContent-Length: 0\r\n\r\n")
        #expect(encode(HTTPResponse(), server: "us").contains("Server: us\r\n"))
    }

    @Test func framingIsNotTheHandlersBusiness() {
        let response = HTTPResponse(
            headers: ["Content-Length": "99", "Transfer-Encoding": "chunked", "Connection": "upgrade"],
            body: .bytes([1]))
        #expect(encode(response) == "HTTP/1.1 200 OK\r\n\(date)Content-Length: 1\r\n\r\n")
        #expect(encode(response, isHead: true) == "HTTP/1.1 200 OK\r\n\(date)Content-Length: 99\r\n\r\n")
        let odd = HTTPResponse(headers: ["Content-Length": "5\r\nX: y"])
        #expect(encode(odd, isHead: true) == "HTTP/1.1 200 OK\r\n\(date)Content-Length: 0\r\n\r\n")
    }

    @Test(arguments: [204, 304]) func statusesWithoutBodyHaveNoLength(_ status: Int) {
        #expect(!encode(HTTPResponse(status: status, body: .bytes([1]))).contains("Content-Length"))
        #expect(!HTTPResponseEncoder.hasBody(status, isHead: false))
    }

    @Test func aValueCannotEndItsField() {
        let response = HTTPResponse(
            headers: HTTPHeaders([("X", "a\r\nSet-Cookie: b\u{0}"), ("X Y", "c"), ("", "d")]))
        #expect(
            encode(response) == "HTTP/1.1 200 OK\r\nX: a  Set-Cookie: b \r\n\(date)Content-Length: 0\r\n\r\n")
    }

    @Test(arguments: [0, 100, 199, 600, -1]) func impossibleStatusesBecome500(_ status: Int) {
        #expect(encode(HTTPResponse(status: status)).hasPrefix("HTTP/1.1 500 "))
    }
}

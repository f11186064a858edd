import HTTPTypes
import Seeded
import Testing

@testable import HTTPClient

@Suite struct ResponseParserTests {
    /// Feeds `text` in pieces of `step` bytes; nil when the response stays incomplete.
    private func parse(
        _ text: String, method: String = "GET", step: Int = 1_000_000, closes: Bool = false, limit: Int = 1000
    ) throws(HTTPClientError) -> (response: HTTPResponse, keepsAlive: Bool)? {
        var parser = ResponseParser(limits: .init(bodyBytes: limit))
        parser.begin(method: method)
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            let end = min(index + step, bytes.count)
            Array(bytes[index..<end]).withUnsafeBytes { parser.append($0) }
            if let response = try parser.next() { return (response, parser.keepsAlive) }
            index = end
        }
        guard closes else { return nil }
        return (try parser.finish(), parser.keepsAlive)
    }

    private func body(_ response: HTTPResponse?) -> String? {
        response?.body.bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [1, 2, 3, 7, 1000]) func framingsInAnyPieces(_ step: Int) throws {
        let fixed = try parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b \r\n\r\nhello", step: step)
        #expect(body(fixed?.response) == "hello")
        #expect(fixed?.response.headers["x-a"] == "b")
        #expect(fixed?.keepsAlive == true)
        let chunked = try parse(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n4;x=y\r\nhell\r\nB\r\no,\r\n world!\r\n0\r\nT: 1\r\n\r\n",
            step: step)
        #expect(body(chunked?.response) == "hello,\r\n world!")
        #expect(chunked?.keepsAlive == true)
        let closed = try parse("HTTP/1.1 200 OK\r\n\r\nto the end", step: step, closes: true)
        #expect(body(closed?.response) == "to the end")
        #expect(closed?.keepsAlive == false)
        let old = try parse("HTTP/1.0 200 OK\nContent-Length: 2\n\nok", step: step)
        #expect(body(old?.response) == "ok")
        #expect(old?.keepsAlive == false)
    }

    @Test func interimResponsesAreSkipped() throws {
        let parsed = try parse(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
        )
        #expect(parsed?.response.status == 201)
        #expect(parsed?.response.headers["link"] == nil)
    }

    @Test(arguments: [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not Modified")])
    func responsesWithoutBody(_ method: String, _ status: String) throws {
        let parsed = try parse("HTTP/1.1 \(status)\r\nContent-Length: 10\r\n\r\n", method: method)
        #expect(body(parsed?.response) == "")
        #expect(parsed?.keepsAlive == true)
        #expect(parsed?.response.headers["Content-Length"] == "10")
    }

    @Test func bytesBehindAResponseBelongToTheNext() throws {
        var parser = ResponseParser(limits: .init(bodyBytes: 100))
        parser.begin(method: "POST")
        Array(
            "HTTP/1.1 202 A\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ny".utf8
        )
        .withUnsafeBytes { parser.append($0) }
        #expect(try parser.next()?.status == 202)
        #expect(parser.hasSurplus)
        parser.begin(method: "GET")
        #expect(parser.hasStarted)
        #expect(try parser.next() == nil)
        Array("zz".utf8).withUnsafeBytes { parser.append($0) }
        #expect(body(try parser.next()) == "yzz")
        #expect(!parser.hasSurplus)
    }

    @Test(arguments: [
        "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20x OK\r\n\r\n", "HTTP/1.1 99\r\n\r\n", "ICY 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nbad field: x\r\n\r\n", "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF1\r\n",
    ])
    func violationsAreRefused(_ text: String) {
        do {
            let parsed = try parse(text)
            Issue.record("accepted as \(String(describing: parsed?.response.status))")
        } catch .protocolViolation {
        } catch {
            Issue.record("wrong error \(error)")
        }
    }

    @Test func limits() {
        #expect(throws: HTTPClientError.tooLarge) {
            try parse("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n")
        }
        #expect(throws: HTTPClientError.tooLarge) {
            try parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3E9\r\n")
        }
        #expect(throws: HTTPClientError.tooLarge) {
            try parse("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1001))
        }
        let long = "HTTP/1.1 200 OK\r\nA: " + String(repeating: "x", count: 70_000)
        #expect(throws: HTTPClientError.self) { try parse(long) }
        let many = "HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 201) + "\r\n"
        #expect(throws: HTTPClientError.self) { try parse(many) }
    }

    @Test(arguments: [
        "", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
    ])
    func truncationIsNoResponse(_ text: String) {
        #expect(throws: HTTPClientError.closed) { try parse(text, closes: true) }
    }

    @Test func hostileBytesNeverCrash() {
        var random = SeededRandom.fresh("ResponseParserTests.hostileBytesNeverCrash")
        let seeds = [
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhell\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 100 C\r\n\r\nHTTP/1.0 200 OK\r\n\r\nx",
        ]
        var completed = 0
        for round in 0..<6000 {
            var bytes = Array(seeds[round % seeds.count].utf8)
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let step = Int.random(in: 1...20, using: &random)
            if let parsed = try? parse(text, step: step, closes: true) {
                completed += 1
                #expect(parsed.response.body.length <= 1000)
                #expect((200...999).contains(parsed.response.status))
            }
        }
        // Untouched ones at least must come through.
        #expect(completed > 1000)
    }
}

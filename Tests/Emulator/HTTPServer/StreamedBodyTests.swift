import Glibc
import HTTPTypes
import Net
import SocketSupport
import Testing

@testable import HTTPServer

/// Bodies that pass from their maker to their taker piece by piece.
@EventLoop @Suite struct PassedPiecesTests {
    @Test func piecesComeInOrderThenTheEnd() async {
        let body = BodyStream()
        #expect(body.offer([1]) && body.offer([2, 3]))
        body.finish(trailers: ["a": "b"])
        #expect(await body.next() == [1])
        #expect(await body.next() == [2, 3])
        #expect(await body.next() == nil)
        #expect(body.ending == .complete(trailers: ["a": "b"]))
    }

    @Test func whatWasPutBackComesFirst() async {
        let body = BodyStream([1, 2, 3])
        #expect(await body.next() == [1, 2, 3])
        body.putBack([3])
        #expect(await body.next() == [3])
        #expect(await body.next() == nil)
    }

    @Test func aFullStreamHoldsItsMakerBackUntilThereIsRoom() async {
        let body = BodyStream(capacity: 4)
        var rooms = 0
        body.onRoom = { rooms += 1 }
        #expect(body.offer([1, 2, 3]))
        #expect(!body.offer([4, 5]))
        #expect(rooms == 0)
        #expect(await body.next() == [1, 2, 3])
        #expect(rooms == 1)
    }

    @Test func aWriterWaitsForTheTaker() async {
        let body = BodyStream(capacity: 1)
        let writer = Task { @EventLoop in
            var written = 0
            while written < 3, await body.write([7]) { written += 1 }
            body.finish()
            return written
        }
        var taken = 0
        while await body.next() != nil { taken += 1 }
        #expect(await writer.value == 3)
        #expect(taken == 3)
    }

    @Test func aTakerWhoGoesFreesTheWriter() async {
        let body = BodyStream(capacity: 1)
        var isTold = false
        body.onCancel = { isTold = true }
        let writer = Task { @EventLoop in await body.write([1]) }
        await Task.yield()
        body.cancel()
        #expect(await !writer.value)
        #expect(await !body.write([2]))
        #expect(isTold)
        #expect(await body.next() == nil)
    }

    @Test func aBrokenStreamSaysWhyAfterWhatHadCome() async {
        let body = BodyStream()
        _ = body.offer([1])
        body.fail("gone")
        body.finish()
        #expect(await body.next() == [1])
        #expect(await body.next() == nil)
        #expect(body.ending == .broken(reason: "gone"))
    }

    @Test(arguments: [(1, "1\r\n"), (15, "f\r\n"), (16, "10\r\n"), (70_000, "11170\r\n")])
    func chunks(_ row: (Int, String)) {
        let (count, size) = row
        let bytes = [UInt8](repeating: 0x78, count: count)
        #expect(StreamTransfer.chunk(bytes) == Array(size.utf8) + bytes + Array("\r\n".utf8))
    }
}

/// The same over sockets.
extension SocketTests {
    @Suite struct StreamedBodyTests {
        private static func options() -> HTTPServerOptions {
            var options = HTTPServerOptions()
            options.admission = { $0.target == "/stream" ? .stream : .take(maxBytes: 1 << 20) }
            options.truncatedResponse = { _ in HTTPResponse(status: 400, body: .bytes(Array("cut".utf8))) }
            return options
        }

        /// Answers with what it got, once that is complete.
        @EventLoop private static func gather(_ request: HTTPRequest) async -> HTTPResponse {
            guard case .stream(let body) = request.body, let body = body as? BodyStream else {
                return HTTPResponse(body: .bytes(Array("whole".utf8)))
            }
            var all: [UInt8] = []
            while let piece = await body.next() { all += piece }
            switch body.ending {
            case .complete(let trailers): all += Array("|\(trailers["X-End"] ?? "")".utf8)
            case .broken, nil: all += Array("|broken".utf8)
            }
            return HTTPResponse(body: .bytes(all))
        }

        @EventLoop private static func count(_ request: HTTPRequest) async -> HTTPResponse {
            guard case .stream(let body) = request.body, let body = body as? BodyStream else {
                return HTTPResponse(status: 500)
            }
            var count = 0
            while let piece = await body.next() {
                count += piece.count
                if count % 7 == 0 { await Task.yield() }
            }
            return HTTPResponse(body: .bytes(Array("\(count)".utf8)))
        }

        @EventLoop private static func refuse(_ request: HTTPRequest) async -> HTTPResponse {
            HTTPResponse(status: 403)
        }

        @EventLoop private static func hello(_ request: HTTPRequest) async -> HTTPResponse {
            HTTPResponse(body: .stream(BodyStream(Array("hello".utf8))))
        }

        /// A body that breaks off.
        @EventLoop private static func half(_ request: HTTPRequest) async -> HTTPResponse {
            let body = BodyStream()
            _ = body.offer(Array("half".utf8))
            body.fail("no more")
            return HTTPResponse(body: .stream(body))
        }

        private static let head = "POST /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

        @Test func aBodyIsTakenAsItComesAndTheConnectionLives() async throws {
            try await withServer(Self.options(), handler: Self.gather) { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    for _ in 0..<2 {
                        try client.send(Self.head + "3\r\nabc\r\n")
                        try client.send("2\r\nde\r\n0\r\nX-End: yes\r\n\r\n")
                        #expect(try client.readResponse().body == Array("abcde|yes".utf8))
                    }
                    try client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")
                    #expect(try client.readResponse().body == Array("whole".utf8))
                }
            }
        }

        @Test(arguments: ["3\r\nabc\r\n", "9\r\nabc", "zz\r\n"])
        func aBodyThatBreaksOffIsToldToItsTaker(_ part: String) async throws {
            try await withServer(Self.options(), handler: Self.gather) { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    try client.send(Self.head + part)
                    client.finishSending()
                    let response = try client.readResponse()
                    #expect(String(decoding: response.body, as: UTF8.self).hasSuffix("|broken"))
                }
            }
        }

        @Test func aLongBodyPassesInPieces() async throws {
            try await withServer(Self.options(), handler: Self.count) { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    try client.send(Self.head)
                    let chunk = StreamTransferBytes.chunk(100_000)
                    for _ in 0..<100 { try client.send(chunk) }
                    try client.send("0\r\n\r\n")
                    #expect(try client.readResponse().body == Array("10000000".utf8))
                }
            }
        }

        @Test func anAnswerBeforeTheBodysEndClosesTheConnection() async throws {
            try await withServer(Self.options(), handler: Self.refuse) { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    try client.send(Self.head + "3\r\nabc\r\n")
                    let response = try client.readResponse()
                    #expect(response.status == 403 && response.fields["connection"] == "close")
                }
            }
        }

        @Test func aBodyOfUnknownLengthIsSentInChunks() async throws {
            try await withServer(handler: Self.hello) { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    try client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    let text = String(decoding: try client.readToEnd(), as: UTF8.self)
                    #expect(text.contains("\r\nTransfer-Encoding: chunked\r\n"))
                    #expect(!text.contains("Content-Length"))
                    #expect(text.hasSuffix("\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))
                }
            }
        }

        @Test func anOlderClientReadsToTheEndOfTheConnection() async throws {
            try await withServer(handler: Self.hello) { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    try client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                    let text = String(decoding: try client.readToEnd(), as: UTF8.self)
                    #expect(!text.contains("Transfer-Encoding") && text.hasSuffix("\r\n\r\nhello"))
                }
            }
        }

        @Test func aBodyThatCannotBeFinishedIsNotEnded() async throws {
            try await withServer(handler: Self.half) { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    let text = String(decoding: try client.readToEnd(), as: UTF8.self)
                    #expect(text.hasSuffix("4\r\nhalf\r\n"))
                }
            }
        }

        @Test func truncatedBodiesAreAnswered() async throws {
            try await withServer(Self.options(), handler: Self.refuse) { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    try client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
                    client.finishSending()
                    let response = try client.readResponse()
                    #expect(response.status == 400 && response.body == Array("cut".utf8))
                }
            }
        }
    }
}

/// A chunk of so many bytes.
private enum StreamTransferBytes {
    static func chunk(_ count: Int) -> [UInt8] {
        Array("\(String(count, radix: 16))\r\n".utf8) + [UInt8](repeating: 0x78, count: count) + [0x0D, 0x0A]
    }
}

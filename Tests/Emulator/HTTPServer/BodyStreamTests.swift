import HTTPTypes
import Net
import SocketSupport
import Synchronization
import Testing
import Waiting

@testable import HTTPServer

@Suite struct BodyStreamTests {
    @Test @EventLoop func manyPiecesLeaveNoPlacesBehind() async {
        let stream = BodyStream(capacity: 10)
        _ = stream.offer([1])
        for _ in 0..<10_000 {
            _ = stream.offer([1])
            #expect(await stream.next() == [1])
        }
        #expect(stream.places < 200)
    }

    @Test @EventLoop func aMakerGoesOnWhenTheBodyHasEnded() async {
        let stream = BodyStream(capacity: 1)
        let writing = Task { @EventLoop in await stream.write([1, 2, 3]) }
        let isFull = await eventually { stream.isFull }
        #expect(isFull)
        stream.fail("over")
        #expect(await writing.value)
    }

    @Test @EventLoop func piecesComeBeforeTheEnd() async {
        let stream = BodyStream()
        _ = stream.offer([1])
        stream.finish(trailers: ["A": "b"])
        #expect(await stream.next() == [1])
        #expect(await stream.next() == nil)
        #expect(stream.ending == .complete(trailers: ["A": "b"]))
    }

    /// A handler that takes streams, and what became of it.
    private final class Seen: Sendable {
        let ending = Mutex<BodyStream.Ending?>(nil)
        let hasBegun = Mutex(false)
        let wasCancelled = Mutex(false)
        /// What a reply said of itself, in order.
        let cancellations = Mutex<[Bool]>([])
    }

    private static var options: HTTPServerOptions {
        var options = HTTPServerOptions()
        options.admission = { _ in .stream }
        return options
    }

    @Test func whoStillReadsABodyIsToldThatItWasAnswered() async throws {
        let seen = Seen()
        let handler: HTTPServer.Handler = { request in
            guard case .stream(let body) = request.body, let body = body as? BodyStream else {
                return HTTPResponse(status: 500)
            }
            Task { @EventLoop in
                while await body.next() != nil {}
                let ending = body.ending
                seen.ending.withLock { $0 = ending }
            }
            return HTTPResponse(status: 413)
        }
        try await withServer(Self.options, handler: handler) { port in
            try await onThread {
                let client = try RawClient(port: port)
                try client.send(
                    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
                #expect(try client.readResponse().status == 413)
            }
            #expect(await eventually { seen.ending.withLock { $0 != nil } })
        }
        #expect(seen.ending.withLock { $0 } == .broken(reason: "it was answered before its end"))
    }

    @Test func aHandlerOfAStreamIsCancelledWhenTheClientGoes() async throws {
        let seen = Seen()
        let handler: HTTPServer.Handler = { request in
            seen.hasBegun.withLock { $0 = true }
            await withTaskCancellationHandler {
                while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
            } onCancel: {
                seen.wasCancelled.withLock { $0 = true }
            }
            return HTTPResponse()
        }
        try await withServer(Self.options, handler: handler) { port in
            try await onThread {
                let client = try RawClient(port: port)
                try client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
                #expect(blocksUntil { seen.hasBegun.withLock { $0 } })
                client.reset()
            }
            #expect(await eventually { seen.wasCancelled.withLock { $0 } })
        }
    }

    @Test func aReplyKnowsThatNobodyWaitsForIt() async throws {
        let seen = Seen()
        var options = HTTPServerOptions()
        options.direct = { _, reply in
            seen.cancellations.withLock { $0 = [reply.isCancelled] }
            reply.onCancel = { seen.cancellations.withLock { $0.append(reply.isCancelled) } }
            return true
        }
        try await withServer(options) { port in
            try await onThread {
                let client = try RawClient(port: port)
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(blocksUntil { seen.cancellations.withLock { !$0.isEmpty } })
                client.reset()
            }
            #expect(await eventually { seen.cancellations.withLock { $0 == [false, true] } })
        }
    }

    @Test func anOldClientSeesThatAStreamBroke() async throws {
        let handler: HTTPServer.Handler = { _ in
            let body = await BodyStream()
            Task { @EventLoop in
                _ = await body.write(Array("part".utf8))
                // Not before the first piece is on its way.
                while !body.isAwaited { await sleep(milliseconds: 1) }
                body.fail("gone")
            }
            return HTTPResponse(body: .stream(body))
        }
        try await withServer(handler: handler) { port in
            try await onThread {
                let client = try RawClient(port: port)
                try client.send("GET / HTTP/1.0\r\nHost: x\r\n\r\n")
                #expect(throws: ClientError.self) { try client.readToEnd() }
            }
        }
    }
}

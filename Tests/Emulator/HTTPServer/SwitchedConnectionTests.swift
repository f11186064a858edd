import Glibc
import HTTPTypes
import Net
import SocketSupport
import Synchronization
import Testing

@testable import HTTPServer

/// Connections that speak something else after `101 Switching Protocols`.
@Suite struct SwitchedConnectionTests {
    private static let request =
        "GET /switch HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
    private static let head =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"

    /// Sends back what comes; `q` ends it.
    private static func echo(_ ends: Told) -> HTTPServer.Handler {
        { @EventLoop request in
            guard request.target == "/switch" else { return await tell(request) }
            let peer = SwitchedConnection()
            peer.onBytes = { bytes in
                peer.write(Array(bytes))
                if bytes.contains(UInt8(ascii: "q")) { peer.finish() }
            }
            peer.onEnd = {
                ends.add("end")
                peer.finish()
            }
            peer.onShutDown = {
                peer.write(Array("bye".utf8))
                peer.finish()
            }
            peer.onClose = { ends.add("close") }
            return HTTPResponse(status: 101, headers: ["Upgrade": "echo"], body: .stream(peer))
        }
    }

    @Test func bytesComeInAndGoOutUntilTheHandlerFinishes() async throws {
        let told = Told()
        try await withServer(handler: Self.echo(told)) { port in
            try await onThread {
                let client = try RawClient(port: port)
                try client.send(Self.request)
                #expect(try client.read(Self.head.utf8.count) == Array(Self.head.utf8))
                try client.send("abc")
                #expect(try client.read(3) == Array("abc".utf8))
                try client.send("q")
                #expect(try client.readToEnd() == Array("q".utf8))
            }
        }
        #expect(told.words == ["close"])
    }

    @Test func bytesThatCameWithTheRequestAreNotLost() async throws {
        let told = Told()
        try await withServer(handler: Self.echo(told)) { port in
            try await onThread {
                let client = try RawClient(port: port)
                try client.send(Self.request + "early q")
                #expect(try client.readToEnd() == Array((Self.head + "early q").utf8))
            }
        }
    }

    @Test func bytesThatCameWhileTheHandlerWaitedAreNotLost() async throws {
        let told = Told()
        let echo = Self.echo(told)
        let slow: HTTPServer.Handler = { @EventLoop request in
            await sleep(milliseconds: 50)
            return await echo(request)
        }
        try await withServer(handler: slow) { port in
            try await onThread {
                let client = try RawClient(port: port)
                try client.send(Self.request)
                try client.send("early q")
                #expect(try client.readToEnd() == Array((Self.head + "early q").utf8))
            }
        }
    }

    @Test func thePeersEndIsTold() async throws {
        let told = Told()
        try await withServer(handler: Self.echo(told)) { port in
            try await onThread {
                let client = try RawClient(port: port)
                try client.send(Self.request)
                client.finishSending()
                #expect(try client.readToEnd() == Array(Self.head.utf8))
            }
        }
        #expect(told.words == ["end", "close"])
    }

    @Test func aServerThatStopsGivesTimeForALastWord() async throws {
        let told = Told()
        let server = try await HTTPServer(host: "127.0.0.1", port: 0, handler: Self.echo(told))
        let client = try RawClient(port: await server.port)
        try client.send(Self.request)
        #expect(try client.read(Self.head.utf8.count) == Array(Self.head.utf8))
        await server.close()
        #expect(try client.readToEnd() == Array("bye".utf8))
        #expect(told.words == ["close"])
    }

    @Test func anOldProtocolCannotSwitch() async throws {
        let told = Told()
        try await withServer(handler: Self.echo(told)) { port in
            try await onThread {
                let client = try RawClient(port: port)
                try client.send("GET /switch HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
                let answer = String(decoding: try client.readToEnd(), as: UTF8.self)
                #expect(answer.hasPrefix("HTTP/1.1 400 "))
            }
        }
        #expect(told.words == ["close"])
    }

    @Test func anAnswer101ThatNobodyTakesOverIsAnError() async throws {
        let empty: HTTPServer.Handler = { _ in HTTPResponse(status: 101) }
        try await withServer(handler: empty) { port in
            try await onThread {
                let client = try RawClient(port: port)
                try client.send(Self.request)
                let answer = String(decoding: try client.readToEnd(), as: UTF8.self)
                #expect(answer.hasPrefix("HTTP/1.1 500 "))
            }
        }
    }
}

/// Words that are told by another thread.
private final class Told: Sendable {
    private let list = Mutex<[String]>([])
    var words: [String] { list.withLock { $0 } }
    func add(_ word: String) { list.withLock { $0.append(word) } }
}

import Clock
import Glibc
import HTTPTypes
import Synchronization
import Testing

@testable import HTTPClient

@Suite struct HTTPClientTests {
    private func url(_ server: TestServer) -> URLParts {
        URLParts(scheme: "http", host: "127.0.0.1", port: server.port)
    }

    private func text(_ response: HTTPResponse) -> String {
        String(decoding: response.body.bytes ?? [], as: UTF8.self)
    }

    private func get(_ path: String) -> HTTPRequest { HTTPRequest(method: "GET", target: path) }

    private func client(_ configure: (inout HTTPClient.Options) -> Void = { _ in }) -> HTTPClient {
        var options = HTTPClient.Options()
        configure(&options)
        return HTTPClient(options: options)
    }

    @Test func requestOnTheWire() throws {
        let seen = Mutex<[String]>([])
        let server = TestServer { connection, _ in
            while let request = connection.request() {
                seen.withLock { $0.append(request) }
                connection.respond("ok")
            }
        }
        do {
            let client = client()
            let response = try client.send(
                HTTPRequest(
                    method: "POST", target: "/p?q=1", headers: ["X-A": "b"], body: .bytes(Array("data".utf8))),
                to: url(server))
            #expect(response.status == 200 && text(response) == "ok")
            _ = try client.send(
                HTTPRequest(method: "GET", target: "/", headers: ["Host": "other"]), to: url(server))
        }
        server.stop()
        #expect(
            seen.withLock { $0 } == [
                "POST /p?q=1 HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nX-A: b\r\nContent-Length: 4\r\n\r\ndata",
                "GET / HTTP/1.1\r\nHost: other\r\n\r\n",
            ])
        #expect(server.accepted == 1)
    }

    @Test func bodiesLargerThanTheSocketBuffersArriveWhole() throws {
        let server = TestServer { connection, _ in
            while let request = connection.request() { connection.respond(String(request.suffix(3_000_000))) }
        }
        do {
            let payload = String(repeating: "0123456789", count: 300_000)
            let response = try client().send(
                HTTPRequest(method: "PUT", target: "/", body: .bytes(Array(payload.utf8))), to: url(server))
            #expect(text(response) == payload)
        }
        server.stop()
    }

    @Test func connectionIsNotKeptAfterClose() throws {
        let server = TestServer { connection, index in
            _ = connection.request()
            connection.respond("\(index)", fields: "Connection: close\r\n")
        }
        do {
            let client = client()
            #expect(try text(client.send(get("/"), to: url(server))) == "0")
            #expect(try text(client.send(get("/"), to: url(server))) == "1")
        }
        server.stop()
    }

    @Test(arguments: [false, true]) func deadKeptConnectionIsReplacedOnce(_ reset: Bool) throws {
        // The first connection serves one request, then closes when the second one arrives.
        let server = TestServer { connection, index in
            _ = connection.request()
            connection.respond("first \(index)")
            if index == 0 {
                _ = connection.request()
                if reset { connection.resetOnClose() }
            }
        }
        do {
            let client = client()
            #expect(try text(client.send(get("/"), to: url(server))) == "first 0")
            #expect(try text(client.send(get("/"), to: url(server))) == "first 1")
        }
        server.stop()
        #expect(server.accepted == 2)
    }

    @Test func freshConnectionIsNotTriedAgain() {
        let server = TestServer { connection, _ in _ = connection.request() }
        #expect(throws: HTTPClientError.closed) { try client().send(get("/"), to: url(server)) }
        server.stop()
        #expect(server.accepted == 1)
    }

    @Test func halfAResponseIsNotRepeated() throws {
        let server = TestServer { connection, index in
            _ = connection.request()
            connection.respond("whole")
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        }
        do {
            let client = client()
            _ = try client.send(get("/"), to: url(server))
            #expect(throws: HTTPClientError.closed) { try client.send(get("/"), to: url(server)) }
        }
        server.stop()
        #expect(server.accepted == 1)
    }

    @Test func answerBeforeTheWholeBodyIsRead() throws {
        let server = TestServer { connection, _ in
            connection.respond("no", status: "413 Payload Too Large", fields: "Connection: close\r\n")
        }
        let big = HTTPRequest(method: "POST", target: "/", body: .bytes(.init(repeating: 1, count: 8 << 20)))
        let result = Result { try client().send(big, to: url(server)) }
        server.stop()
        // A reset may overtake the answer; then there is none. What counts: no hang and no signal.
        switch result {
        case .success(let response): #expect(response.status == 413)
        case .failure(let error): #expect(error as? HTTPClientError == .closed)
        }
    }

    @Test func timeouts() throws {
        let server = TestServer { connection, _ in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
            _ = connection.request()
        }
        let silent = client { $0.readTimeoutMilliseconds = 60 }
        #expect(throws: HTTPClientError.timeout(.read)) { try silent.send(get("/"), to: url(server)) }
        let start = MonotonicClock.nanoseconds
        #expect(throws: HTTPClientError.timeout(.read)) {
            // Long enough for a busy machine to have connected and sent by then.
            try client().send(get("/"), to: url(server), timeoutMilliseconds: 2_000)
        }
        let elapsed = (MonotonicClock.nanoseconds - start) / 1_000_000
        #expect(elapsed >= 1_995 && elapsed < 60_000)
        server.stop()
    }

    @Test func wholeCallTimeoutHoldsAgainstADrip() throws {
        let server = TestServer { connection, _ in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            for _ in 0..<250 {
                connection.send("x")
                usleep(10_000)
            }
        }
        #expect(throws: HTTPClientError.timeout(.read)) {
            try client { $0.readTimeoutMilliseconds = 5000 }
                .send(get("/"), to: url(server), timeoutMilliseconds: 2_000)
        }
        server.stop()
    }

    @Test func nothingListens() {
        // A port that was freed may be another's by now.
        do {
            _ = try client().send(get("/"), to: URLParts(scheme: "http", host: "127.0.0.1", port: 1))
            Issue.record("no error")
        } catch .connect(let reason) {
            #expect(reason.hasPrefix("127.0.0.1:1: "))
        } catch {
            Issue.record("wrong error \(error)")
        }
    }

    @Test func localhostNeedsNoResolver() throws {
        let server = TestServer { connection, _ in
            _ = connection.request()
            connection.respond("here", fields: "Connection: close\r\n")
        }
        for host in ["localhost", "bucket.localhost"] {
            let place = URLParts(scheme: "http", host: host, port: server.port)
            #expect(try text(client().send(get("/"), to: place)) == "here")
        }
        server.stop()
    }

    @Test(arguments: [
        HTTPRequest(method: "GE T", target: "/"), HTTPRequest(method: "GET", target: "/a b"),
        HTTPRequest(method: "GET", target: ""),
        HTTPRequest(method: "GET", target: "/", headers: ["A B": "x"]),
        HTTPRequest(method: "GET", target: "/", headers: ["A": "x\r\nInjected: y"]),
        HTTPRequest(method: "GET", target: "/", headers: ["Transfer-Encoding": "chunked"]),
    ])
    func requestsThatWouldBreakTheProtocol(_ request: HTTPRequest) {
        do {
            _ = try client().send(request, to: URLParts(scheme: "http", host: "127.0.0.1", port: 1))
            Issue.record("sent")
        } catch .protocolViolation(let reason) {
            #expect(!reason.contains("Injected"))
        } catch {
            Issue.record("wrong error \(error)")
        }
    }

    @Test func severalThreadsShareAClient() throws {
        let server = TestServer { connection, _ in
            while let request = connection.request() {
                connection.respond(String(request.split(separator: " ")[1]))
            }
        }
        let place = url(server)
        let wrong = Mutex(0)
        do {
            let client = client()
            let workers = TestServer { connection, index in
                for number in 0..<100 {
                    let path = "/\(index)/\(number)"
                    let answer = try? client.send(HTTPRequest(method: "GET", target: path), to: place)
                    if answer?.body.bytes != Array(path.utf8) { wrong.withLock { $0 += 1 } }
                }
                connection.respond("done")
            }
            // Each connection to this second server starts one worker thread.
            let trigger = URLParts(scheme: "http", host: "127.0.0.1", port: workers.port)
            var sockets: [Socket] = []
            for _ in 0..<6 {
                sockets.append(try Socket.connect(host: trigger.host, port: trigger.port, deadline: nil))
            }
            for socket in sockets {
                var byte: UInt8 = 0
                #expect(recv(socket.descriptor, &byte, 1, 0) == 1)
            }
            workers.stop()
        }
        server.stop()
        #expect(wrong.withLock { $0 } == 0)
    }
}

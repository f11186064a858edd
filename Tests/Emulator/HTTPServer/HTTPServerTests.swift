import Glibc
import HTTPServer
import HTTPTypes
import Net
import SocketSupport
import Testing
import Waiting

/// Tests over sockets, one after the other: some look at this process's memory.
@Suite(.serialized) struct SocketTests {}

/// End to end; the numbers are for talking about them.
extension SocketTests {
    @Suite struct HTTPServerTests {
        private let get = "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n"

        @Test func e01_answersAndKeepsTheConnection() async throws {
            try await withServer { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    for _ in 0..<3 {
                        try client.send(get)
                        let response = try client.readResponse()
                        #expect(response.statusLine == "HTTP/1.1 200 OK")
                        #expect(response.text == "GET /a?b []")
                        #expect(response.fields["connection"] == nil)
                        #expect(response.fields["date"]?.hasSuffix(" GMT") == true)
                    }
                }
            }
        }

        @Test func e02_pipelinedRequestsAreAnsweredInOrder() async throws {
            // The first takes longest.
            let handler: HTTPServer.Handler = { request in
                await sleep(milliseconds: request.target == "/0" ? 50 : 1)
                return await tell(request)
            }
            try await withServer(handler: handler) { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    try client.send(
                        (0..<20).map { "POST /\($0) HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi" }
                            .joined()
                    )
                    for index in 0..<20 { #expect(try client.readResponse().text == "POST /\(index) [hi]") }
                }
            }
        }

        @Test func e02_immediateAnswersKeepTheirPlaceAmongOthers() async throws {
            let handler: HTTPServer.Handler = { request in
                await sleep(milliseconds: 5)
                return await tell(request)
            }
            var options = HTTPServerOptions()
            options.immediate = { request in
                request.target.hasSuffix("0") ? HTTPResponse(body: .bytes(Array("now".utf8))) : nil
            }
            try await withServer(options, handler: handler) { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    let targets = (0..<21).map { "/\($0)" }
                    try client.send(
                        targets.map { "POST \($0) HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi" }
                            .joined())
                    for target in targets {
                        let expected = target.hasSuffix("0") ? "now" : "POST \(target) [hi]"
                        #expect(try client.readResponse().text == expected)
                    }
                }
            }
        }

        /// The first answer is known at once; it leaves with the second one, unless it has no company.
        @Test func e02_pipelinedAnswersMayBeJoined() async throws {
            let slowAnswers = Tally()
            let handler: HTTPServer.Handler = { request in
                if request.target == "/slow" {
                    await sleep(milliseconds: 50)
                    slowAnswers.add()
                }
                return await tell(request)
            }
            var options = HTTPServerOptions()
            options.joinsPipelinedAnswers = true
            try await withServer(options, handler: handler) { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    let head = " HTTP/1.1\r\nHost: x\r\n\r\n"
                    try client.send("GET /alone" + head)
                    #expect(try client.readResponse().text == "GET /alone []")
                    try client.send("GET /quick" + head + "GET /slow" + head)
                    #expect(try client.readResponse().text == "GET /quick []")
                    #expect(slowAnswers.value == 1)
                    #expect(try client.readResponse().text == "GET /slow []")
                }
            }
        }

        /// More pipelined requests than buffers hold, answered at once, to a client that reads late.
        @Test func e03_pipeliningHoldsTheClientBack() async throws {
            let count = 3_000
            let filler = HTTPBody.bytes([UInt8](repeating: 0x2E, count: 4_000))
            let handler: HTTPServer.Handler = { request in
                HTTPResponse(headers: ["X-Target": request.target], body: filler)
            }
            try await withServer(handler: handler) {
                port in
                try await onThread {
                    let client = try RawClient(port: port)
                    let all = (0..<count).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
                    let sender = pthreadSend(client, all)
                    usleep(100_000)
                    for index in 0..<count {
                        let response = try client.readResponse()
                        #expect(response.fields["x-target"] == "/\(index)")
                        #expect(response.body.count == 4_000)
                    }
                    pthread_join(sender, nil)
                }
            }
        }

        @Test func e04_chunkedBodiesAndTrailers() async throws {
            try await withServer { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    try client.send(
                        "PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
                    usleep(20_000)
                    try client.send("2;e\r\nde\r\n0\r\nT: u\r\n\r\n" + get)
                    #expect(try client.readResponse().text == "PUT /c [abcde]")
                    #expect(try client.readResponse().text == "GET /a?b []")
                }
            }
        }

        @Test func e05_continueIsAnsweredBeforeTheBody() async throws {
            try await withServer { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    try client.send(
                        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
                    #expect(try client.readHead() == "HTTP/1.1 100 Continue\r\n\r\n")
                    try client.send("ok")
                    #expect(try client.readResponse().text == "POST / [ok]")
                }
            }
        }

        @Test func e06_headHasLengthButNoBody() async throws {
            try await withServer { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    try client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" + get)
                    #expect(try client.readResponse(isHead: true).fields["content-length"] == "9")
                    #expect(try client.readResponse().text == "GET /a?b []")
                }
            }
        }

        @Test func e07_http10ClosesUnlessAsked() async throws {
            try await withServer { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    try client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                    #expect(try client.readResponse().fields["connection"] == "keep-alive")
                    try client.send("GET / HTTP/1.0\r\n\r\n")
                    #expect(try client.readResponse().fields["connection"] == "close")
                    #expect(try client.readToEnd().isEmpty)
                }
            }
        }

        @Test(arguments: [
            ("GET / HTTP/1.1\r\n\r\n", 400), ("G\r\n\r\n", 400),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                400
            ),
            ("GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505),
            ("GET / HTTP/1.1\r\nHost: x\r\nX: " + String(repeating: "y", count: 70_000) + "\r\n\r\n", 431),
            ("GET /" + String(repeating: "y", count: 70_000) + " HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        ])
        func e08_whatIsNotUnderstoodIsRefusedAndClosed(_ text: String, _ status: Int) async throws {
            let calls = Tally()
            let handler: HTTPServer.Handler = { request in
                calls.add()
                return await tell(request)
            }
            try await withServer(handler: handler) { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    // A second request behind the bad one must never be seen as one.
                    try client.send(text + get)
                    let response = try client.readResponse()
                    #expect(response.status == status)
                    #expect(response.fields["connection"] == "close")
                    client.finishSending()
                    #expect(try client.readToEnd().isEmpty)
                }
            }
            #expect(calls.value == 0)
        }

        @Test func e09_aDisconnectedClientCancelsItsHandler() async throws {
            let begun = Tally()
            let cancelled = Tally()
            let handler: HTTPServer.Handler = { request in
                begun.add()
                await sleep(milliseconds: 20_000)
                if Task.isCancelled { cancelled.add() }
                return HTTPResponse()
            }
            try await withServer(handler: handler) { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    try client.send(get)
                    #expect(blocksUntil { begun.value == 1 })
                    client.reset()
                }
                #expect(await eventually { cancelled.value == 1 })
            }
        }

        @Test func e10_aClientThatOnlyEndsItsHalfGetsItsAnswer() async throws {
            let handler: HTTPServer.Handler = { request in
                await sleep(milliseconds: 30)
                return await tell(request)
            }
            try await withServer(handler: handler) { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    try client.send(get + get)
                    client.finishSending()
                    #expect(try client.readResponse().text == "GET /a?b []")
                    #expect(try client.readResponse().text == "GET /a?b []")
                    #expect(try client.readToEnd().isEmpty)
                }
            }
        }

        @Test func e11_idleAndSlowConnectionsEnd() async throws {
            var options = HTTPServerOptions()
            options.idleTimeoutMs = 150
            options.headerTimeoutMs = 150
            try await withServer(options) { port in
                try await onThread {
                    let silent = try RawClient(port: port)
                    #expect(try silent.readToEnd().isEmpty)
                    for beginning in [
                        "GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc",
                    ] {
                        #expect(
                            blocksUntil { Self.isToldWhenStalled(port, after: beginning) }, "\(beginning)")
                    }
                }
            }
        }

        /// On a busy machine a client may be let go, without a word, before it has sent anything.
        private static func isToldWhenStalled(_ port: Int, after beginning: String) -> Bool {
            guard let client = try? RawClient(port: port), (try? client.send(beginning)) != nil else {
                return false
            }
            return (try? client.readResponse())?.status == 408
        }

        @Test func e12_closeWaitsForRunningRequests() async throws {
            let begun = Tally()
            let closing = Tally()
            let server = try await HTTPServer(host: "127.0.0.1", port: 0) { request in
                begun.add()
                while closing.value == 0 { await sleep(milliseconds: 1) }
                return await tell(request)
            }
            let port = await server.port
            let answer = Task {
                try await onThread {
                    let idle = try RawClient(port: port)
                    let client = try RawClient(port: port)
                    try client.send(get)
                    let response = try client.readResponse()
                    #expect(try idle.readToEnd().isEmpty)
                    return response
                }
            }
            #expect(await eventually { begun.value == 1 })
            let end = Task { @EventLoop in await server.close() }
            // Jobs of the loop keep their order: the request goes on when the server is closing.
            await Task { @EventLoop in closing.add() }.value
            await end.value
            let response = try await answer.value
            #expect(response.text == "GET /a?b []")
            #expect(response.fields["connection"] == "close")
            await #expect(throws: ClientError.self) { try await onThread { _ = try RawClient(port: port) } }
        }

        @Test func e13_closeEndsHandlersThatTakeTooLong() async throws {
            var options = HTTPServerOptions()
            options.shutdownGraceMs = 50
            let begun = Tally()
            let cancelled = Tally()
            let server = try await HTTPServer(host: "127.0.0.1", port: 0, options: options) { _ in
                begun.add()
                await sleep(milliseconds: 20_000)
                if Task.isCancelled { cancelled.add() }
                return HTTPResponse()
            }
            let port = await server.port
            let client = Task {
                try await onThread {
                    let client = try RawClient(port: port)
                    try client.send(get)
                    return try? client.readToEnd()
                }
            }
            #expect(await eventually { begun.value == 1 })
            await server.close()
            #expect(await eventually { cancelled.value == 1 })
            _ = try await client.value
        }

        @Test func e14_largeAnswersFromMemory() async throws {
            let body = (0..<(5 << 20)).map { UInt8(truncatingIfNeeded: $0 % 241) }
            let handler: HTTPServer.Handler = { _ in HTTPResponse(body: .bytes(body)) }
            try await withServer(handler: handler) { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    for _ in 0..<2 {
                        try client.send(get)
                        #expect(try client.readResponse().body == body)
                    }
                }
            }
        }

        @Test func e15_aSecondServerOnThePortIsRefused() async throws {
            try await withServer { port in
                await #expect(throws: NetError.addressInUse(host: "127.0.0.1", port: port)) {
                    _ = try await HTTPServer(host: "127.0.0.1", port: port, handler: tell)
                }
            }
        }

        @Test func e16_manyConnectionsAtOnce() async throws {
            let handler: HTTPServer.Handler = { request in
                await sleep(milliseconds: 5)
                return await tell(request)
            }
            try await withServer(handler: handler) { port in
                try await onThread {
                    let clients = try (0..<300).map { _ in try RawClient(port: port) }
                    for _ in 0..<3 {
                        for (index, client) in clients.enumerated() {
                            try client.send("GET /\(index) HTTP/1.1\r\nHost: x\r\n\r\n")
                        }
                        for (index, client) in clients.enumerated() {
                            #expect(try client.readResponse().text == "GET /\(index) []")
                        }
                    }
                }
            }
        }
    }
}

/// Sends from a second thread, for tests that must read meanwhile.
private func pthreadSend(_ client: RawClient, _ text: String) -> pthread_t {
    let job = SendJob(client, text)
    var thread = pthread_t()
    pthread_create(
        &thread, nil,
        {
            Unmanaged<SendJob>.fromOpaque($0!).takeRetainedValue().run()
            return nil
        }, Unmanaged.passRetained(job).toOpaque())
    return thread
}

private final class SendJob {
    private let client: RawClient
    private let text: String

    init(_ client: RawClient, _ text: String) {
        self.client = client
        self.text = text
    }

    func run() { try? client.send(text) }
}

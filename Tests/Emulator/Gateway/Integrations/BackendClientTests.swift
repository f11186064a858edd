import Glibc
import HTTPClient
import HTTPServer
import HTTPTypes
import JSON
import Net
import Synchronization
import Testing
import Waiting

@testable import Gateway

@Suite struct BackendClientTests {
    /// A backend that answers with what it is told, one status after the other, the last one for ever.
    private final class Script: Sendable {
        let statuses: Mutex<[Int]>
        let requests = Mutex<[HTTPRequest]>([])
        init(_ statuses: [Int]) { self.statuses = Mutex(statuses) }

        func answer(_ request: HTTPRequest) -> HTTPResponse {
            requests.withLock { $0.append(request) }
            let status = statuses.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
            return HTTPResponse(
                status: status, headers: ["X-Path": request.target], body: request.body)
        }
    }

    private func url(_ port: Int, _ path: String = "/") throws -> URLParts {
        try #require(URLParts("http://127.0.0.1:\(port)\(path)"))
    }

    private func metric(_ client: BackendClient, _ name: String) async -> JSONValue? {
        await client.metrics[0]?[name]
    }

    @Test func sendsRequestsAndKeepsTheConnection() async throws {
        let script = Script([200])
        let server = try await HTTPServer(host: "127.0.0.1", port: 0) { script.answer($0) }
        let client = await BackendClient()
        for number in 1...3 {
            let request = BackendRequest(
                method: "POST", url: try url(await server.port, "/a?b=\(number)"), headers: ["A": "1"],
                body: Array("body \(number)".utf8))
            guard case .answer(let response) = await client.send(request) else {
                Issue.record("no answer")
                return
            }
            #expect(response.headers["x-path"] == "/a?b=\(number)")
            #expect(response.body.bytes == Array("body \(number)".utf8))
        }
        #expect(await metric(client, "connectionsOpened") == 1)
        #expect(script.requests.withLock { $0[0].headers["A"] } == "1")
        await client.close()
        await server.close()
    }

    @EventLoop private func sendWithoutTask(
        _ client: BackendClient, _ request: BackendRequest
    ) async -> BackendResult {
        await withCheckedContinuation { continuation in
            client.send(request) { continuation.resume(returning: $0) }
        }
    }

    @Test func aKeptConnectionNeedsNoTask() async throws {
        let script = Script([200])
        let server = try await HTTPServer(host: "127.0.0.1", port: 0) { script.answer($0) }
        let client = await BackendClient()
        for number in 1...3 {
            let request = BackendRequest(
                method: "POST", url: try url(await server.port, "/\(number)"),
                body: Array("body \(number)".utf8))
            guard case .answer(let response) = await sendWithoutTask(client, request) else {
                Issue.record("no answer")
                return
            }
            #expect(response.headers["x-path"] == "/\(number)")
            #expect(response.body.bytes == Array("body \(number)".utf8))
        }
        #expect(await metric(client, "connectionsOpened") == 1)
        #expect(await metric(client, "requests") == 3)
        #expect(await metric(client, "running") == 0)
        await client.close()
        await server.close()
    }

    /// A backend may answer before it has read a body, and never read the rest.
    @Test func aConnectionThatABodyStillFillsIsNotKept() async throws {
        let listener = try await TCPListener(host: "127.0.0.1", port: 0) { connection in
            connection.onBytes = { _ in
                connection.pauseReading()
                connection.write(Array("HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n".utf8))
            }
            connection.onEnd = { connection.close() }
            connection.resumeReading()
        }
        let client = await BackendClient()
        for _ in 1...2 {
            // More than the kernel keeps for a connection.
            let request = BackendRequest(
                method: "POST", url: try url(await listener.port),
                body: [UInt8](repeating: 0x78, count: 48 << 20), timeoutMilliseconds: 60_000)
            guard case .answer(let response) = await client.send(request) else {
                Issue.record("no answer")
                return
            }
            #expect(response.status == 413)
        }
        #expect(await metric(client, "connectionsOpened") == 2)
        await client.close()
        await listener.close()
    }

    @Test func aBackendThatIsNotThereIsUnreachable() async throws {
        let client = await BackendClient()
        // Nobody listens at port 1; one that was freed may be another's by now.
        let result = await client.send(BackendRequest(method: "GET", url: try url(1)))
        guard case .failure(.unreachable) = result else {
            Issue.record("\(result)")
            return
        }
        await client.close()
    }

    @Test func aSilentBackendTimesOut() async throws {
        let listener = try await TCPListener(host: "127.0.0.1", port: 0) { _ in }
        let client = await BackendClient()
        let request = BackendRequest(
            method: "GET", url: try url(await listener.port), timeoutMilliseconds: 100)
        guard case .failure(.timedOut) = await client.send(request) else {
            Issue.record("it did not time out")
            return
        }
        await listener.close()
        await client.close()
    }

    #if os(Linux)
        /// A backlog that is full takes no connection: there is nobody to answer, so any method may be tried again.
        @Test func aBackendThatTakesNoConnectionIsUnreachable() async throws {
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            let caller = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer {
                close(caller)
                close(listener)
            }
            let port = try fullBacklog(listener, caller)
            let place = try url(port)
            let client = await BackendClient(policies: [
                BackendPolicy(
                    url: place, retries: .init(maxAttempts: 2, backoffMilliseconds: 1),
                    connectTimeoutMilliseconds: 50)
            ])
            let result = await client.send(
                BackendRequest(method: "POST", url: place, timeoutMilliseconds: 60_000))
            guard case .failure(.unreachable) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(await metric(client, "retries") == 1)
            await client.close()
        }

        /// - Returns: the port.
        private func fullBacklog(_ listener: Int32, _ caller: Int32) throws -> Int {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isFull = withUnsafeMutableBytes(of: &address) { bytes -> Bool in
                guard let name = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else {
                    return false
                }
                return bind(listener, name, length) == 0 && listen(listener, 0) == 0
                    && getsockname(listener, name, &length) == 0 && connect(caller, name, length) == 0
            }
            try #require(isFull)
            return Int(UInt16(bigEndian: address.sin_port))
        }
    #endif

    @Test(arguments: [("A B", "/", "v"), ("GET", "/a b", "v"), ("GET", "/", "v\r\nX-Evil: yes")])
    func aRequestThatCannotBeWrittenSaysNothingAboutTheBackend(
        _ method: String, _ path: String, _ value: String
    ) async throws {
        let script = Script([200])
        let server = try await HTTPServer(host: "127.0.0.1", port: 0) { script.answer($0) }
        var place = try url(await server.port)
        let client = await BackendClient(policies: [
            BackendPolicy(
                url: place, retries: .init(maxAttempts: 3, backoffMilliseconds: 1),
                circuitBreaker: .init(failureThreshold: 1, openMilliseconds: 600_000))
        ])
        place.path = path
        let result = await client.send(BackendRequest(method: method, url: place, added: [("X-A", value)]))
        guard case .failure(.unsendable) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(await metric(client, "circuit") == "closed")
        #expect(await metric(client, "retries") == 0)
        await client.close()
        await server.close()
    }

    @Test func anAnswerThatIsNoHTTPIsAFailure() async throws {
        let listener = try await TCPListener(host: "127.0.0.1", port: 0) { connection in
            connection.write(Array("SMTP hello\r\n\r\n".utf8))
            connection.onBytes = { _ in
                connection.write(Array("SMTP hello\r\n\r\n".utf8))
            }
            connection.resumeReading()
        }
        let client = await BackendClient()
        let result = await client.send(
            BackendRequest(method: "GET", url: try url(await listener.port), timeoutMilliseconds: 30_000))
        guard case .failure = result else {
            Issue.record("\(result)")
            return
        }
        await listener.close()
        await client.close()
    }

    @Test(arguments: [("GET", 200, 2), ("PUT", 200, 2), ("POST", 503, 1), ("PATCH", 503, 1)])
    func onlyIdempotentRequestsAreTriedAgain(method: String, status: Int, attempts: Int) async throws {
        let script = Script([503, 200])
        let server = try await HTTPServer(host: "127.0.0.1", port: 0) { script.answer($0) }
        let place = try url(await server.port)
        let client = await BackendClient(policies: [
            BackendPolicy(url: place, retries: .init(maxAttempts: 3, backoffMilliseconds: 1))
        ])
        guard case .answer(let response) = await client.send(BackendRequest(method: method, url: place))
        else {
            Issue.record("no answer")
            return
        }
        #expect(response.status == status)
        #expect(script.requests.withLock { $0.count } == attempts)
        #expect(await metric(client, "retries")?.int == attempts - 1)
        await client.close()
        await server.close()
    }

    @Test func theBudgetBoundsRetries() async throws {
        let script = Script([503])
        let server = try await HTTPServer(host: "127.0.0.1", port: 0) { script.answer($0) }
        let place = try url(await server.port)
        let client = await BackendClient(policies: [
            BackendPolicy(
                url: place, retries: .init(maxAttempts: 2, budgetPercent: 10, backoffMilliseconds: 1))
        ])
        for _ in 0..<50 { _ = await client.send(BackendRequest(method: "GET", url: place)) }
        // The reserve of ten, and a tenth of fifty.
        #expect(await metric(client, "retries") == 15)
        #expect(await metric(client, "retriesDenied") == 35)
        await client.close()
        await server.close()
    }

    @Test func anOpenCircuitAsksTheBackendNoMore() async throws {
        let script = Script([500])
        let server = try await HTTPServer(host: "127.0.0.1", port: 0) { script.answer($0) }
        let place = try url(await server.port)
        let lines = Mutex<[String]>([])
        let log: @Sendable (String) -> Void = { line in lines.withLock { $0.append(line) } }
        let client = await BackendClient(
            policies: [
                BackendPolicy(
                    url: place, circuitBreaker: .init(failureThreshold: 3, openMilliseconds: 600_000))
            ], log: log)
        for _ in 0..<10 { _ = await client.send(BackendRequest(method: "GET", url: place)) }
        #expect(script.requests.withLock { $0.count } == 3)
        #expect(await metric(client, "circuit") == "open")
        #expect(await metric(client, "refused") == 7)
        #expect(lines.withLock { $0.map { $0.hasSuffix("circuit closed -> open") } } == [true])
        await client.close()
        await server.close()
    }

    @Test func failingHealthChecksKeepRequestsAway() async throws {
        let script = Script([500])
        let server = try await HTTPServer(host: "127.0.0.1", port: 0) { script.answer($0) }
        let place = try url(await server.port)
        let client = await BackendClient(policies: [
            BackendPolicy(
                url: place,
                healthCheck: .init(
                    path: "/well", intervalMilliseconds: 10, healthyThreshold: 1, unhealthyThreshold: 2))
        ])
        #expect(await eventually { await metric(client, "healthy") == false })
        let refused = await client.send(BackendRequest(method: "GET", url: place))
        guard case .failure(.refused) = refused else {
            Issue.record("\(refused)")
            return
        }
        script.statuses.withLock { $0 = [204] }
        #expect(await eventually { await metric(client, "healthy") == true })
        guard case .answer = await client.send(BackendRequest(method: "GET", url: place)) else {
            Issue.record("a healthy backend is not asked")
            return
        }
        await client.close()
        await server.close()
    }
}

import Bytes
import HTTPClient
import HTTPTypes
import JSON
import Net

/// One HTTP backend: its connections, and what is known of how it does.
@EventLoop final class Backend {
    let url: URLParts
    let policy: BackendPolicy
    var health: HealthState?
    private(set) var metrics = BackendMetrics()
    private(set) var breaker: CircuitBreaker?
    private var budget: RetryBudget?
    private let log: @Sendable (String) -> Void
    /// Connections that wait for a request; the one used last comes first.
    private var idle: [BackendConnection] = []
    private var connections: [ObjectIdentifier: BackendConnection] = [:]
    private var addresses: (list: [String], since: UInt64)?
    private let secureClient: HTTPClient
    private(set) var running = 0

    private static let mostIdle = 1_024
    /// nginx and Node close idle connections after 75 and 5 seconds; what is younger is likely to be open.
    private static let longestIdle: UInt64 = 60_000
    /// How long the addresses of a name are believed.
    private static let addressLifetime: UInt64 = 30_000

    init(_ policy: BackendPolicy, secureClient: HTTPClient, log: @escaping @Sendable (String) -> Void) {
        url = policy.url
        self.policy = policy
        self.secureClient = secureClient
        self.log = log
        breaker = policy.circuitBreaker.map { CircuitBreaker($0) }
        budget = policy.retries.map { RetryBudget(percent: $0.budgetPercent) }
        health = policy.healthCheck.map {
            HealthState(healthyThreshold: $0.healthyThreshold, unhealthyThreshold: $0.unhealthyThreshold)
        }
    }

    /// Whether a policy decides about attempts.
    private var isWatched: Bool { breaker != nil || health != nil || policy.retries != nil }
    /// Whether any connection is open.
    var isConnected: Bool { !connections.isEmpty }

    func send(_ request: BackendRequest) async -> BackendResult {
        running += 1
        defer { running -= 1 }
        metrics.requests += 1
        let deadline = EventLoop.nowMilliseconds + UInt64(max(1, request.timeoutMilliseconds))
        budget?.earn()
        var result = await admitted(request, deadline)
        var attempt = 1
        while let retries = policy.retries, attempt < retries.maxAttempts, mayRetry(result, request) {
            guard budget?.spend() == true else {
                metrics.retriesDenied += 1
                break
            }
            let pause = Self.pause(retries.backoffMilliseconds << (attempt - 1))
            guard EventLoop.nowMilliseconds + UInt64(pause) < deadline else { break }
            await sleep(milliseconds: pause)
            attempt += 1
            metrics.retries += 1
            result = await admitted(request, deadline)
        }
        return result
    }

    /// One attempt, if health and circuit allow it.
    private func admitted(_ request: BackendRequest, _ deadline: UInt64) async -> BackendResult {
        if health?.isHealthy == false { return noted(.failure(.refused("health checks of \(name) fail"))) }
        guard breaker != nil else { return noted(await attempt(request, deadline)) }
        let before = breaker?.state
        let admitted = breaker?.admit(now: EventLoop.nowMilliseconds)
        tell(before)
        guard let ticket = admitted else {
            return noted(.failure(.refused("the circuit of \(name) is open")))
        }
        let result = noted(await attempt(request, deadline))
        let state = breaker?.state
        breaker?.note(result.outcome, of: ticket, now: EventLoop.nowMilliseconds)
        tell(state)
        return result
    }

    private func noted(_ result: BackendResult) -> BackendResult {
        metrics.note(result)
        return result
    }

    private func tell(_ before: CircuitBreaker.State?) {
        guard let before, let breaker, breaker.state != before else { return }
        if breaker.state == .open { metrics.circuitOpened += 1 }
        log("backend \(name): circuit \(before.rawValue) -> \(breaker.state.rawValue)")
    }

    private func mayRetry(_ result: BackendResult, _ request: BackendRequest) -> Bool {
        switch result {
        case .answer(let response): request.isIdempotent && [502, 503, 504].contains(response.status)
        // Nothing has been sent: any method may be tried again.
        case .failure(.unreachable): true
        case .failure(.closed): request.isIdempotent
        case .failure(.timedOut), .failure(.badAnswer), .failure(.tooLarge), .failure(.refused),
            .failure(.unsendable):
            false
        }
    }

    /// Half of the time, and up to as much again at random: callers that failed together do not come back together.
    private static func pause(_ milliseconds: Int) -> Int {
        let half = max(1, milliseconds / 2)
        var generator = BufferedRandomNumberGenerator()
        return half + Int.random(in: 0...half, using: &generator)
    }

    var name: String { "\(url.scheme)://\(url.hostHeader)" }
}

// MARK: - One attempt

extension Backend {
    private func attempt(_ request: BackendRequest, _ deadline: UInt64) async -> BackendResult {
        let added = added(to: request)
        guard let head = head(of: request, added) else { return .failure(.unsendable) }
        if url.scheme == "https" { return await secureAttempt(request, added, deadline) }
        if let kept = takeIdle() {
            let result = await exchange(request, head, on: kept, deadline)
            guard Self.isGivenUp(result, request) else { return result }
        }
        return await freshAttempt(request, head, deadline)
    }

    /// Sends over a kept connection, without a Task. `deliver` is called once.
    /// - Returns: false when that cannot be done; then nothing has happened.
    func sendAtOnce(
        _ request: BackendRequest, deliver: @escaping @EventLoop (BackendResult) -> Void
    ) -> Bool {
        guard !isWatched, url.scheme == "http", !idle.isEmpty,
            let head = head(of: request, added(to: request)), let kept = takeIdle()
        else { return false }
        running += 1
        metrics.requests += 1
        let deadline = EventLoop.nowMilliseconds + UInt64(max(1, request.timeoutMilliseconds))
        kept.exchange(method: request.method, head: head, body: request.body, deadline: deadline) { result in
            self.keep(kept, after: result)
            guard Self.isGivenUp(result, request) else {
                self.running -= 1
                return deliver(self.noted(result))
            }
            Task { @EventLoop in
                let result = await self.freshAttempt(request, head, deadline)
                self.running -= 1
                deliver(self.noted(result))
            }
        }
        return true
    }

    private func added(to request: BackendRequest) -> [(name: String, value: String)] {
        if request.added.contains(where: { HTTPHeaders.sameName($0.name, "host") }) { return request.added }
        return [("Host", request.url.hostHeader)] + request.added
    }

    private func head(of request: BackendRequest, _ added: [(name: String, value: String)]) -> [UInt8]? {
        BackendHead.encode(
            method: request.method, target: request.url.target, headers: request.headers, added: added,
            bodyLength: request.body.count)
    }

    /// Whether the backend gave up the idle connection while the request was on its way.
    private static func isGivenUp(_ result: BackendResult, _ request: BackendRequest) -> Bool {
        if case .failure(.closed(afterBytes: false)) = result { request.isIdempotent } else { false }
    }

    private func freshAttempt(
        _ request: BackendRequest, _ head: [UInt8], _ deadline: UInt64
    ) async -> BackendResult {
        switch await connect(deadline) {
        case .success(let fresh): return await exchange(request, head, on: fresh, deadline)
        case .failure(let failure): return .failure(failure)
        }
    }

    private func exchange(
        _ request: BackendRequest, _ head: [UInt8], on connection: BackendConnection, _ deadline: UInt64
    ) async -> BackendResult {
        let result = await connection.exchange(
            method: request.method, head: head, body: request.body, deadline: deadline)
        keep(connection, after: result)
        return result
    }

    private func keep(_ connection: BackendConnection, after result: BackendResult) {
        if case .answer = result, connection.isReusable, idle.count < Self.mostIdle {
            idle.append(connection)
        } else {
            connection.close()
        }
    }

    private func takeIdle() -> BackendConnection? {
        while let kept = idle.popLast() {
            if kept.isReusable { return kept }
            kept.close()
        }
        return nil
    }

    private func connect(_ deadline: UInt64) async -> Result<BackendConnection, BackendFailure> {
        let list: [String]
        do throws(NetError) { list = try await knownAddresses() } catch {
            return .failure(.unreachable("\(error)"))
        }
        var failure = BackendFailure.unreachable("\(name) has no address")
        for address in list {
            let connection = BackendConnection()
            let key = ObjectIdentifier(connection)
            connection.onEnd = { [weak self] ended in
                self?.connections[key] = nil
                self?.idle.removeAll { $0 === ended }
            }
            connections[key] = connection
            let limit = EventLoop.nowMilliseconds + UInt64(policy.connectTimeoutMilliseconds)
            guard
                let reason = await connection.connect(
                    to: address, port: url.port, deadline: min(deadline, limit))
            else {
                metrics.connectionsOpened += 1
                return .success(connection)
            }
            // Only the time for connecting is over, not that for the request.
            failure =
                reason == .timedOut && EventLoop.nowMilliseconds < deadline
                ? .unreachable("\(name) took no connection within \(policy.connectTimeoutMilliseconds) ms")
                : reason
        }
        // The name may mean another place by now.
        addresses = nil
        return .failure(failure)
    }

    private func knownAddresses() async throws(NetError) -> [String] {
        if let addresses, EventLoop.nowMilliseconds - addresses.since < Self.addressLifetime {
            return addresses.list
        }
        let list = try await HostLookup.addresses(of: url.host)
        addresses = (list, EventLoop.nowMilliseconds)
        return list
    }

    /// TLS is spoken by the blocking client, on a thread.
    private func secureAttempt(
        _ request: BackendRequest, _ added: [(name: String, value: String)], _ deadline: UInt64
    ) async -> BackendResult {
        var headers = BackendHead.passing(request.headers, without: added)
        for (name, value) in added { headers.add(name, value) }
        let now = EventLoop.nowMilliseconds
        guard deadline > now else { return .failure(.timedOut) }
        let message = HTTPRequest(
            method: request.method, target: request.url.target, headers: headers, body: .bytes(request.body))
        let (client, url, timeout) = (secureClient, request.url, Int(deadline - now))
        do {
            return .answer(
                try await runBlocking { try client.send(message, to: url, timeoutMilliseconds: timeout) })
        } catch let error as HTTPClientError {
            return .failure(Self.failure(error))
        } catch {
            return .failure(.badAnswer("\(error)"))
        }
    }

    private static func failure(_ error: HTTPClientError) -> BackendFailure {
        switch error {
        case .resolve, .connect, .tls, .timeout(.connect), .timeout(.handshake):
            .unreachable(error.description)
        case .timeout: .timedOut
        case .tooLarge: .tooLarge
        case .closed: .closed(afterBytes: true)
        case .protocolViolation(let reason): .badAnswer(reason)
        }
    }
}

// MARK: - Time

extension Backend {
    /// Ends what takes too long, and what has been idle for too long.
    func sweep(now: UInt64) {
        for connection in Array(connections.values) {
            if let deadline = connection.deadline, now >= deadline { connection.expire() }
        }
        while let oldest = idle.first, now >= oldest.idleSince + Self.longestIdle {
            idle.removeFirst()
            oldest.close()
        }
    }

    func close() {
        for connection in Array(connections.values) { connection.close() }
    }

    /// One health check, outside of the circuit.
    func check(_ healthCheck: BackendPolicy.HealthCheck) async {
        var target = url
        let parts = healthCheck.path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        target.path = String(parts[0])
        target.query = parts.count > 1 ? String(parts[1]) : ""
        let request = BackendRequest(
            method: "GET", url: target,
            added: [("User-Agent", "Amazon-Route53-Health-Check-Service"), ("Accept", "*/*")],
            timeoutMilliseconds: healthCheck.timeoutMilliseconds)
        running += 1
        defer { running -= 1 }
        let deadline = EventLoop.nowMilliseconds + UInt64(healthCheck.timeoutMilliseconds)
        let isGood: Bool
        let reason: String
        switch await attempt(request, deadline) {
        case .answer(let response):
            isGood = (200...399).contains(response.status)
            reason = "status \(response.status)"
        case .failure(let failure):
            isGood = false
            reason = failure.description
        }
        guard health?.note(isGood: isGood) == true else { return }
        log("backend \(name): \(isGood ? "unhealthy -> healthy" : "healthy -> unhealthy (\(reason))")")
    }

    /// What commands show.
    var json: JSONObject {
        var object: JSONObject = ["url": .string(name)]
        object["circuit"] = breaker.map { .string($0.state.rawValue) } ?? .null
        object["healthy"] = health.map { .bool($0.isHealthy) } ?? .null
        object["retryBudget"] = budget.map { .number(JSONNumber($0.available)) } ?? .null
        object["connections"] = .number(JSONNumber(connections.count))
        object["running"] = .number(JSONNumber(running))
        for (name, value) in metrics.json { object[name] = value }
        return object
    }
}

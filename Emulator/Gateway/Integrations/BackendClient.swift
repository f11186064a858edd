import HTTPClient
import HTTPTypes
import JSON
import Net

/// Sends requests to HTTP backends for all APIs: connections are kept and shared, and the manifest's policies
/// hold whoever asks.
@EventLoop public final class BackendClient {
    private var backends: [BackendPolicy.Origin: Backend] = [:]
    /// In the order in which they were first named.
    private var order: [Backend] = []
    private var last: Backend?
    private let log: @Sendable (String) -> Void
    private let secureClient: HTTPClient
    private var sweeper: LoopTimer?
    private var isSweepingFast = false
    private var checks: [Task<Void, Never>] = []

    /// Deadlines are kept as exactly as this, milliseconds.
    private static let fastSweep = 20
    private static let slowSweep = 5_000

    /// - Parameter log: gets a line for each change of a backend's state.
    public init(policies: [BackendPolicy] = [], log: @escaping @Sendable (String) -> Void = { _ in }) {
        self.log = log
        secureClient = HTTPClient(
            options: .init(maxIdlePerHost: 16, maxResponseBytes: BackendConnection.largestAnswer))
        for policy in policies {
            let backend = add(policy)
            guard let check = policy.healthCheck else { continue }
            checks.append(
                Task { @EventLoop [weak self, weak backend] in
                    while !Task.isCancelled, let backend {
                        self?.sweepFast()
                        await backend.check(check)
                        await sleep(milliseconds: check.intervalMilliseconds)
                    }
                })
        }
    }

    /// Sends a request; the backend's policy decides about attempts.
    public func send(_ request: BackendRequest) async -> BackendResult {
        let backend = backend(of: request.url) ?? add(BackendPolicy(url: request.url))
        sweepFast()
        return await backend.send(request)
    }

    /// As ``send(_:)``, without a Task where none is needed: `deliver` is called once.
    public func send(_ request: BackendRequest, deliver: @escaping @EventLoop (BackendResult) -> Void) {
        if let backend = backend(of: request.url), backend.sendAtOnce(request, deliver: deliver) {
            return sweepFast()
        }
        Task { @EventLoop in deliver(await self.send(request)) }
    }

    /// The one asked last is compared first: that is quicker than to hash what names it.
    private func backend(of url: URLParts) -> Backend? {
        if let last, last.url.port == url.port, last.url.host == url.host, last.url.scheme == url.scheme {
            return last
        }
        last = backends[BackendPolicy.Origin(url)]
        return last
    }

    /// What is known of all backends, for `emulator backends`.
    public var metrics: JSONValue { .array(order.map { .object($0.json) }) }

    /// Ends health checks and connections.
    public func close() {
        for check in checks { check.cancel() }
        checks = []
        sweeper?.cancel()
        sweeper = nil
        for backend in order { backend.close() }
    }

    private func add(_ policy: BackendPolicy) -> Backend {
        let backend = Backend(policy, secureClient: secureClient, log: log)
        backends[BackendPolicy.Origin(policy.url)] = backend
        order.append(backend)
        return backend
    }

    /// While requests run, deadlines are looked at often; else rarely, for idle connections; without any connection
    /// there is no timer.
    private func sweepFast() {
        guard !isSweepingFast else { return }
        isSweepingFast = true
        schedule(Self.fastSweep)
    }

    private func schedule(_ milliseconds: Int) {
        sweeper?.cancel()
        sweeper = LoopTimer(afterMilliseconds: milliseconds) { [weak self] in self?.sweep() }
    }

    private func sweep() {
        sweeper = nil
        let now = EventLoop.nowMilliseconds
        for backend in order { backend.sweep(now: now) }
        isSweepingFast = order.contains { $0.running > 0 }
        if isSweepingFast { return schedule(Self.fastSweep) }
        if order.contains(where: { $0.isConnected }) { schedule(Self.slowSweep) }
    }
}

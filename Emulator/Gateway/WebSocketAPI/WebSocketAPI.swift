import Clock
import HTTPServer
import HTTPTypes
import JSON
import Net

/// A WebSocket API: opens connections, calls the functions behind their messages, and lets functions reach clients by
/// `@connections`.
@EventLoop public final class WebSocketAPI: GatewayAPI {
    /// Judges a request to `@connections` by its signature: nil when it is good, else AWS's refusal.
    public typealias Verify = @Sendable (_ request: HTTPRequest) async -> HTTPResponse?

    public nonisolated var id: String { configuration.apiID }

    public nonisolated var disabledEndpointAnswer: HTTPResponse? {
        configuration.isEndpointDisabled ? ConnectionsError.forbidden : nil
    }

    nonisolated let configuration: WebSocketConfiguration
    let clock: any WallClock
    /// Milliseconds on a clock that never goes back.
    let now: @EventLoop () -> UInt64
    let invoke: InvokeFunction
    let verify: Verify
    let events: WebSocketEvents
    let routes: [String: WebSocketConfiguration.Route]
    let access: WebSocketAccess?
    private let newConnections: Throttle
    private let account: Throttle?
    /// By stage and route key, where there is a limit.
    private let throttles: [String: Throttle]
    /// All open connections.
    private(set) var connections: [String: WebSocketConnection] = [:]
    private var sweeper: LoopTimer?

    /// - Parameters:
    ///   - invoke: calls a function; it has to return within the given time, with `.timedOut` if need be.
    ///   - verify: judges who may use `@connections`.
    ///   - account: the limit that all APIs of the account share; nil for none.
    ///   - now: milliseconds on a clock that never goes back, by which connections grow old.
    public nonisolated init(
        configuration: WebSocketConfiguration, clock: any WallClock, account: Throttle? = nil,
        now: @escaping @EventLoop () -> UInt64 = { EventLoop.nowMilliseconds },
        invoke: @escaping InvokeFunction, verify: @escaping Verify
    ) {
        self.configuration = configuration
        self.clock = clock
        self.account = account
        self.now = now
        self.invoke = invoke
        self.verify = verify
        events = WebSocketEvents(apiID: configuration.apiID)
        routes = Dictionary(
            configuration.routes.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        access = WebSocketAccess(configuration, invoke: invoke)
        newConnections = Throttle(configuration.limits.newConnections)
        var throttles: [String: Throttle] = [:]
        for stage in configuration.stages {
            for route in configuration.routes {
                guard let limits = route.throttling ?? stage.throttling else { continue }
                throttles[Self.place(stage, route)] = Throttle(limits)
            }
        }
        self.throttles = throttles
    }

    private nonisolated static func place(
        _ stage: WebSocketConfiguration.Stage, _ route: WebSocketConfiguration.Route
    ) -> String {
        stage.name + "/" + route.key
    }

    /// Whether one more client may come.
    func admitsConnection() -> Bool { newConnections.admits() }

    /// Whether one more message, or connect, may pass.
    func admits(_ route: WebSocketConfiguration.Route, at stage: WebSocketConfiguration.Stage) -> Bool {
        guard account?.admits() ?? true else { return false }
        return throttles[Self.place(stage, route)]?.admits() ?? true
    }

    /// Whether a request that names no API is for a WebSocket API all the same.
    static nonisolated func isMeant(by request: HTTPRequest) -> Bool {
        WebSocketHandshake.isAsked(by: request) || ConnectionsPath.isMeant(by: request.target)
    }

    @EventLoop public func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard let path = ConnectionsPath(request.path) else { return await connect(request) }
        if let refusal = await verify(request) {
            // A client signs the whole path, also the part that has named this API and is gone.
            var whole = request
            whole.target = "\(Gateway.pathPrefix)\(id)\(request.target)"
            if await verify(whole) != nil { return refusal }
        }
        return answer(request, path)
    }

    /// Only what is posted to a connection has a body.
    public nonisolated func refuseBody(of request: HTTPRequest) -> HTTPResponse { ConnectionsError.tooLarge }

    // MARK: - Open connections

    func opened(_ connection: WebSocketConnection) {
        connections[connection.facts.id] = connection
        guard sweeper == nil else { return }
        let shortest = min(configuration.limits.idleSeconds, configuration.limits.totalSeconds)
        sweeper = LoopTimer(afterMilliseconds: max(50, min(1_000, shortest * 250)), repeating: true) {
            self.endOldConnections()
        }
    }

    /// Those that have been idle, or open, for too long.
    func endOldConnections() {
        for connection in Array(connections.values) { connection.checkDeadline() }
    }

    /// The last one takes the timer along: an API that nobody uses never wakes up.
    func closed(_ connection: WebSocketConnection, _ ending: WebSocketSession.Ending) {
        connections[connection.facts.id] = nil
        if connections.isEmpty {
            sweeper?.cancel()
            sweeper = nil
        }
        disconnected(connection.facts, ending)
    }

    /// `$disconnect` comes when the connection is gone, and what its function says matters to nobody.
    private func disconnected(_ facts: ConnectionFacts, _ ending: WebSocketSession.Ending) {
        let occasion = WebSocketEvents.Occasion(
            routeKey: "$disconnect", eventType: "DISCONNECT", requestID: GatewayIdentifier.make(),
            now: clock.now,
            ending: ending)
        let entry = entry(facts, occasion)
        guard let route = routes["$disconnect"] else { return log(entry) }
        let bytes = JSONValue.object(events.disconnect(facts, occasion)).encoded()
        Task.immediate(executorPreference: EventLoop.taskExecutor) { @EventLoop in
            var entry = entry
            entry?.exchange.integrationStarted = MonotonicClock.nanoseconds
            let outcome = await self.invoke(route.function, bytes, route.timeoutMilliseconds)
            entry?.exchange.ended(outcome)
            self.log(entry)
        }
    }
}

import Clock
import HTTPServer
import HTTPTypes
import JSON
import Net

/// From the client's request to the open connection.
extension WebSocketAPI {
    /// A request on its way to a connection.
    struct Opening {
        let request: HTTPRequest
        let requestID: String
        let connectionID: String
        let now: Timestamp
        var facts: ConnectionFacts?
        var handshake: WebSocketHandshake?
        var event = JSONObject()
        var subprotocol: String?
        /// nil without a log.
        var entry: WebSocketLogEntry?

        var occasion: WebSocketEvents.Occasion {
            .init(routeKey: "$connect", eventType: "CONNECT", requestID: requestID, now: now)
        }
    }

    private typealias Step = @EventLoop (WebSocketAPI, inout Opening) async -> HTTPResponse?

    /// The first step that gives an answer ends the journey; the last one gives 101.
    private static let steps: [Step] = [
        { await $0.findStage(&$1) },
        { await $0.readHandshake(&$1) },
        { await $0.admit(&$1) },
        { await $0.makeEvent(&$1) },
        { await $0.authorize(&$1) },
        { await $0.callConnect(&$1) },
        { await $0.open(&$1) },
    ]

    func connect(_ request: HTTPRequest) async -> HTTPResponse {
        var opening = Opening(
            request: request, requestID: GatewayIdentifier.make(), connectionID: GatewayIdentifier.make(),
            now: clock.now)
        for step in Self.steps {
            if let answer = await step(self, &opening) {
                log(&opening, answer)
                return answer
            }
        }
        return refusal(500, "Internal server error", &opening)
    }

    /// What opens a connection is logged as 200.
    private func log(_ opening: inout Opening, _ answer: HTTPResponse) {
        opening.entry?.status = answer.status == 101 ? 200 : answer.status
        if let facts = opening.facts { opening.entry?.facts = facts }
        log(opening.entry)
    }

    /// The stage is the whole path.
    private func findStage(_ opening: inout Opening) async -> HTTPResponse? {
        let name = opening.request.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard name.count == 1 || name.count == 2 && name.last == "",
            let stage = configuration.stages.first(where: { $0.name == name.first ?? "" })
        else { return refusal(403, "Forbidden", &opening) }
        let facts = ConnectionFacts(
            opening.request, id: opening.connectionID, stage: stage, now: opening.now)
        opening.facts = facts
        opening.entry = entry(facts, opening.occasion)
        return nil
    }

    private func readHandshake(_ opening: inout Opening) async -> HTTPResponse? {
        do throws(WebSocketHandshake.Refusal) {
            opening.handshake = try WebSocketHandshake(opening.request)
            return nil
        } catch {
            var answer = refusal(error.status, error.message, &opening)
            for (name, value) in error.headers { answer.headers[name] = value }
            return answer
        }
    }

    private func admit(_ opening: inout Opening) async -> HTTPResponse? {
        admitsConnection() ? nil : refusal(429, "Too Many Requests", &opening)
    }

    private func makeEvent(_ opening: inout Opening) async -> HTTPResponse? {
        guard let facts = opening.facts else { return nil }
        opening.event = events.connect(
            opening.request, facts, opening.occasion, traceID: HTTPAPI.makeTraceID(now: opening.now))
        return nil
    }

    private func authorize(_ opening: inout Opening) async -> HTTPResponse? {
        guard let access, let facts = opening.facts else { return nil }
        switch await access.judge(opening.request, opening.event, facts) {
        case .allowed(let authorizer):
            opening.facts?.authorizer = authorizer
            var context = opening.event["requestContext"]?.object ?? JSONObject()
            context["authorizer"] = .object(authorizer)
            opening.event["requestContext"] = .object(context)
            return nil
        case .unauthorized: return refusal(401, "Unauthorized", &opening)
        case .denied: return refusal(403, "Forbidden", &opening)
        case .failed(let reason):
            opening.entry?.exchange.authorizerError = reason
            return refusal(500, "Internal server error", &opening)
        }
    }

    /// The connection is none before the function of `$connect` has said so.
    private func callConnect(_ opening: inout Opening) async -> HTTPResponse? {
        guard let route = routes["$connect"], let stage = opening.facts?.stage else { return nil }
        guard admits(route, at: stage) else { return refusal(429, "Too Many Requests", &opening) }
        let event = JSONValue.object(opening.event).encoded()
        opening.entry?.exchange.integrationStarted = MonotonicClock.nanoseconds
        let outcome = await invoke(route.function, event, route.timeoutMilliseconds)
        opening.entry?.exchange.ended(outcome)
        switch outcome {
        case .payload(let payload):
            guard let reply = ProxyReply(payload), reply.status >= 200 else {
                opening.entry?.exchange.functionAnsweredWrongly()
                return refusal(502, "Internal server error", &opening)
            }
            opening.entry?.exchange.functionStatus = reply.status
            guard (200...299).contains(reply.status) else {
                return HTTPResponse(status: reply.status)
            }
            opening.subprotocol = reply.headers["sec-websocket-protocol"]
            return nil
        case .functionError: return refusal(502, "Internal server error", &opening)
        case .notFound, .throttled, .payloadTooLarge, .timedOut:
            return refusal(500, "Internal server error", &opening)
        }
    }

    private func open(_ opening: inout Opening) async -> HTTPResponse? {
        guard let facts = opening.facts, let handshake = opening.handshake else { return nil }
        var limits = WebSocketSession.Limits()
        limits.idle = UInt64(configuration.limits.idleSeconds) * 1_000
        limits.total = UInt64(configuration.limits.totalSeconds) * 1_000
        let connection = WebSocketConnection(facts, limits: limits, clock: clock, now: now)
        connection.start(
            open: { self.opened($0) }, message: { self.received($1, from: $0) },
            closed: { self.closed($0, $1) })
        return handshake.answer(subprotocol: opening.subprotocol, body: .stream(connection.wire))
    }

    /// The gateway's own answer, remembered for the access log.
    private func refusal(_ status: Int, _ message: String, _ opening: inout Opening) -> HTTPResponse {
        let type =
            switch status {
            case 401: "UNAUTHORIZED"
            case 403: "ACCESS_DENIED"
            case 429: "THROTTLED"
            case 500...:
                opening.entry?.exchange.authorizerError == nil ? "INTEGRATION_FAILURE" : "AUTHORIZER_FAILURE"
            default: "DEFAULT_4XX"
            }
        opening.entry?.refuse(status, message, type)
        return HTTPResponse(
            status: status,
            headers: ["Content-Type": "application/json", "x-amzn-RequestId": opening.requestID],
            body: .bytes(Self.complaint(message, opening.connectionID, opening.requestID)))
    }

    /// What the gateway says itself, with AWS's own spaces.
    nonisolated static func complaint(
        _ message: String, _ connectionID: String, _ requestID: String
    ) -> [UInt8] {
        Array(
            """
            {"message": "\(message)", "connectionId":"\(connectionID)", "requestId":"\(requestID)"}
            """.utf8)
    }
}

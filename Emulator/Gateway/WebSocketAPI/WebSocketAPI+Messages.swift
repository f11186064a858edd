import HTTPTypes
import JSON
import Net

/// From a client's message to its function, and back.
extension WebSocketAPI {
    /// The route of a message: its own, or `$default`. The routes of the connection itself are nobody's to ask for.
    func route(of text: [UInt8]) -> WebSocketConfiguration.Route? {
        if let key = configuration.selection.key(of: text), key != "$connect", key != "$disconnect",
            let route = routes[key]
        {
            return route
        }
        return routes["$default"]
    }

    func received(_ text: [UInt8], from connection: WebSocketConnection) {
        let requestID = GatewayIdentifier.make()
        guard let route = route(of: text) else {
            return complain("Forbidden", to: connection, requestID)
        }
        guard admits(route, at: connection.facts.stage) else {
            return complain("Too Many Requests", to: connection, requestID)
        }
        let event = events.message(
            text, connection.facts, routeKey: route.key, requestID: requestID, now: clock.now)
        let bytes = JSONValue.object(event).encoded()
        connection.began()
        Task.immediate(executorPreference: EventLoop.taskExecutor) { @EventLoop in
            let outcome = await self.invoke(route.function, bytes, route.timeoutMilliseconds)
            self.answer(outcome, of: route, to: connection, requestID)
            connection.finished()
        }
    }

    private func answer(
        _ outcome: FunctionOutcome, of route: WebSocketConfiguration.Route,
        to connection: WebSocketConnection, _ requestID: String
    ) {
        switch outcome {
        case .payload(let payload):
            guard let reply = ProxyReply(payload) else { break }
            guard route.hasResponse else { return }
            let body = reply.body ?? []
            guard body.count <= WebSocketFrame.largestMessage else { break }
            _ = connection.send(Self.text(body))
            return
        case .timedOut: return complain("Endpoint request timed out", to: connection, requestID)
        case .functionError, .notFound, .throttled, .payloadTooLarge: break
        }
        complain("Internal server error", to: connection, requestID)
    }

    func complain(_ message: String, to connection: WebSocketConnection, _ requestID: String) {
        _ = connection.send(Self.complaint(message, connection.facts.id, requestID))
    }

    /// Everything goes out as text, and a client has to close on text that is not UTF-8.
    nonisolated static func text(_ bytes: [UInt8]) -> [UInt8] {
        var check = UTF8Check()
        let isText = bytes.withUnsafeBytes { check.take($0) } && check.isComplete
        return isText ? bytes : Array(String(decoding: bytes, as: UTF8.self).utf8)
    }
}

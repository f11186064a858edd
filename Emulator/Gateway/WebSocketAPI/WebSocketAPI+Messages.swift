import Clock
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
        let route = route(of: text)
        let occasion = WebSocketEvents.Occasion(
            routeKey: route?.key ?? "", eventType: "MESSAGE", requestID: GatewayIdentifier.make(),
            now: clock.now, messageID: GatewayIdentifier.make())
        var exchange = MessageExchange(
            connection: connection, requestID: occasion.requestID, entry: entry(connection.facts, occasion))
        guard let route else {
            exchange.complain(403, "Forbidden", "ROUTE_NOT_FOUND")
            return log(exchange.entry)
        }
        guard admits(route, at: connection.facts.stage) else {
            exchange.complain(429, "Too Many Requests", "THROTTLED")
            return log(exchange.entry)
        }
        let bytes = JSONValue.object(events.message(text, connection.facts, occasion)).encoded()
        connection.began()
        let begun = exchange
        Task.immediate(executorPreference: EventLoop.taskExecutor) { @EventLoop in
            var exchange = begun
            exchange.entry?.exchange.integrationStarted = MonotonicClock.nanoseconds
            let outcome = await self.invoke(route.function, bytes, route.timeoutMilliseconds)
            exchange.entry?.exchange.ended(outcome)
            exchange.answer(outcome, of: route)
            self.log(exchange.entry)
            connection.finished()
        }
    }

    /// Everything goes out as text, and a client has to close on text that is not UTF-8.
    nonisolated static func text(_ bytes: [UInt8]) -> [UInt8] {
        var check = UTF8Check()
        let isText = bytes.withUnsafeBytes { check.take($0) } && check.isComplete
        return isText ? bytes : Array(String(decoding: bytes, as: UTF8.self).utf8)
    }
}

/// A client's message on its way.
@EventLoop private struct MessageExchange {
    let connection: WebSocketConnection
    let requestID: String
    /// nil without a log.
    var entry: WebSocketLogEntry?

    mutating func answer(_ outcome: FunctionOutcome, of route: WebSocketConfiguration.Route) {
        switch outcome {
        case .payload(let payload):
            guard let reply = ProxyReply(payload) else {
                entry?.exchange.functionAnsweredWrongly()
                break
            }
            entry?.status = reply.status
            entry?.exchange.functionStatus = reply.status
            guard route.hasResponse else { return }
            let body = reply.body ?? []
            guard body.count <= WebSocketFrame.largestMessage else { break }
            _ = connection.send(WebSocketAPI.text(body))
            return
        case .timedOut: return complain(504, "Endpoint request timed out", "INTEGRATION_TIMEOUT")
        case .functionError, .notFound, .throttled, .payloadTooLarge: break
        }
        complain(500, "Internal server error", "INTEGRATION_FAILURE")
    }

    /// Says in a frame what went wrong; the connection stays.
    mutating func complain(_ status: Int, _ message: String, _ type: String) {
        entry?.refuse(status, message, type)
        _ = connection.send(WebSocketAPI.complaint(message, connection.facts.id, requestID))
    }
}

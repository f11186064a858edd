import Clock

/// One event of a connection for its stage's access log: a handshake, a message or the end ("Configure logging for
/// WebSocket APIs in API Gateway").
struct WebSocketLogEntry: Sendable {
    let apiID: String
    var facts: ConnectionFacts
    let occasion: WebSocketEvents.Occasion
    /// `$context.status`.
    var status = 200
    var exchange: ExchangeFacts

    init(apiID: String, facts: ConnectionFacts, occasion: WebSocketEvents.Occasion) {
        self.apiID = apiID
        self.facts = facts
        self.occasion = occasion
        exchange = ExchangeFacts(started: MonotonicClock.nanoseconds, time: occasion.now)
    }

    /// What the gateway says itself.
    mutating func refuse(_ status: Int, _ message: String, _ type: String) {
        self.status = status
        exchange.refusal = .init(message: message, type: type)
    }

    /// nil when the variable has no value.
    func value(_ name: String) -> String? {
        switch name {
        case "apiId": apiID
        case "connectedAt": String(facts.connectedAt.milliseconds)
        case "connectionId": facts.id
        case "disconnectReason": occasion.ending?.reason
        case "disconnectStatusCode": occasion.ending.map { String($0.code) }
        case "domainName": facts.domain
        case "eventType": occasion.eventType
        case "extendedRequestId", "requestId": occasion.requestID
        case "identity.sourceIp": facts.sourceIP
        case "identity.userAgent": facts.userAgent
        case "messageDirection": "IN"
        case "messageId": occasion.messageID
        case "requestTime": occasion.now.commonLog
        case "requestTimeEpoch": String(occasion.now.milliseconds)
        case "routeKey": occasion.routeKey.isEmpty ? nil : occasion.routeKey
        case "stage": facts.stage.name
        case "status": String(status)
        case "authorizer.error", "authorize.error": exchange.authorizerError
        default: authorizer(name) ?? exchange.value(name)
        }
    }

    private func authorizer(_ name: String) -> String? {
        let prefix = "authorizer."
        guard name.hasPrefix(prefix), let value = facts.authorizer?[String(name.dropFirst(prefix.count))]
        else {
            return nil
        }
        return value.string ?? value.encodedString()
    }
}

extension WebSocketAPI {
    /// nil when the stage has no log.
    func entry(_ facts: ConnectionFacts, _ occasion: WebSocketEvents.Occasion) -> WebSocketLogEntry? {
        guard !configuration.accessLogs.isEmpty, configuration.accessLogs[facts.stage.name] != nil else {
            return nil
        }
        return WebSocketLogEntry(apiID: configuration.apiID, facts: facts, occasion: occasion)
    }

    func log(_ entry: WebSocketLogEntry?) {
        guard let entry else { return }
        configuration.accessLogs[entry.facts.stage.name]?.record { entry.value($0) }
    }
}

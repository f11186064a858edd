import Bytes
import Clock
import HTTPTypes
import JSON

/// What an access log tells beside the request: gathered only for stages that have one.
struct ExchangeFacts {
    /// What the gateway itself refused a request for.
    struct Refusal {
        let message: String
        /// `$context.error.responseType`.
        let type: String
    }

    /// Nanoseconds.
    let started: UInt64
    let time: Timestamp
    var integrationStarted: UInt64?
    var integrationEnded: UInt64?
    /// What Lambda answered, or the server behind a proxy route.
    var integrationStatus: Int?
    /// What the function said.
    var functionStatus: Int?
    var integrationError: String?
    var authorizerError: String?
    var refusal: Refusal?
}

/// The `$context` variables of one request to an HTTP API ("Customize HTTP API access logs").
struct ContextVariables {
    let configuration: HTTPAPIConfiguration
    let exchange: HTTPAPI.Exchange
    /// When it came.
    let time: Timestamp
    /// For logs, once there is one.
    var response: HTTPResponse?
    var ended: UInt64?

    func stageVariable(_ name: String) -> String? { exchange.stage?.variables[name] }

    /// nil when the variable has no value.
    func value(_ name: String) -> String? {
        switch name {
        case "accountId": configuration.accountID
        case "apiId": configuration.apiID
        case "domainName": EventHeaders.domain(of: exchange.request)
        case "domainPrefix":
            EventHeaders.domain(of: exchange.request).split(separator: ".").first.map(String.init)
        case "extendedRequestId", "requestId": exchange.requestID
        case "httpMethod": exchange.request.method
        case "identity.sourceIp": exchange.request.peerAddress
        case "identity.userAgent": exchange.request.headers["user-agent"]
        case "path": exchange.request.path
        case "protocol": "HTTP/1.1"
        case "requestTime": time.commonLog
        case "requestTimeEpoch": String(time.milliseconds)
        case "routeKey": exchange.match?.route.key
        case "stage": exchange.stage?.name
        default: authorizer(name) ?? outcome(name) ?? integration(name)
        }
    }

    private func authorizer(_ name: String) -> String? {
        guard name.hasPrefix("authorizer.") else { return nil }
        let property = String(name.dropFirst("authorizer.".count))
        if property == "error" { return exchange.facts?.authorizerError }
        switch exchange.authorization {
        case .jwt(let caller)?:
            guard property.hasPrefix("claims.") else { return nil }
            return caller.claims[String(property.dropFirst("claims.".count))]?.string
        case .lambda(let caller)?:
            if property == "principalId" { return caller.principalID }
            return caller.context[property].map { $0.string ?? $0.encodedString() }
        case nil: return nil
        }
    }

    private func outcome(_ name: String) -> String? {
        switch name {
        case "status": response.map { String($0.status) }
        case "responseLength": response.map { String($0.body.length) }
        case "dataProcessed": response.map { String(Int64(exchange.body.count) + $0.body.length) }
        case "responseLatency":
            exchange.facts.flatMap { facts in ended.map { Self.milliseconds(facts.started, $0) } }
        case "error.message": exchange.facts?.refusal?.message
        case "error.messageString":
            exchange.facts?.refusal.map { JSONValue.string($0.message).encodedString() }
        case "error.responseType": exchange.facts?.refusal?.type
        default: nil
        }
    }

    private func integration(_ name: String) -> String? {
        guard let facts = exchange.facts else { return nil }
        switch name {
        case "integration.error", "integrationErrorMessage": return facts.integrationError
        case "integrationStatus", "integration.integrationStatus":
            return facts.integrationStatus.map { String($0) }
        case "integration.status": return (facts.functionStatus ?? facts.integrationStatus).map { String($0) }
        case "integrationLatency", "integration.latency":
            guard let start = facts.integrationStarted, let end = facts.integrationEnded else { return nil }
            return Self.milliseconds(start, end)
        default: return nil
        }
    }

    private static func milliseconds(_ start: UInt64, _ end: UInt64) -> String {
        String((end - min(start, end)) / 1_000_000)
    }
}

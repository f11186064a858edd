import Clock
import HTTPTypes
import JSON

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
        case "domainName": HostName(of: exchange.request).domain
        case "domainPrefix": HostName(of: exchange.request).prefix
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
        default: authorizer(name) ?? outcome(name) ?? exchange.facts?.value(name)
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
            exchange.facts.flatMap { facts in ended.map { ExchangeFacts.milliseconds(facts.started, $0) } }
        default: nil
        }
    }
}

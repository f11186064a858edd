import Clock
import HTTPTypes
import JSON
import Synchronization

/// What an access log tells beside the request: gathered only for stages that have one.
final class RESTFacts: Sendable {
    struct Noted: Sendable {
        /// What Lambda answered, or the server behind an HTTP integration.
        var integrationStatus: Int?
        /// What the function said.
        var functionStatus: Int?
        var integrationError: String?
        var integrationMilliseconds: UInt64?
        var authorizerStatus: Int?
        var authorizerError: String?
        var authorizerMilliseconds: UInt64?
    }

    /// Nanoseconds.
    let started = MonotonicClock.nanoseconds
    private let noted = Mutex(Noted())

    var all: Noted { noted.withLock { $0 } }

    func note(_ change: (inout Noted) -> Void) { noted.withLock { change(&$0) } }
}

/// The `$context` variables of access logs of REST APIs ("Variables for access logging for API Gateway").
struct RESTLogVariables {
    let exchange: RESTExchange
    let response: HTTPResponse
    /// `$context` as templates see it.
    let context: JSONObject
    private let facts: RESTFacts.Noted
    private let milliseconds: UInt64

    init(_ exchange: RESTExchange, _ response: HTTPResponse, context: JSONObject, facts: RESTFacts) {
        self.exchange = exchange
        self.response = response
        self.context = context
        self.facts = facts.all
        milliseconds = (MonotonicClock.nanoseconds - facts.started) / 1_000_000
    }

    /// nil when the variable has no value.
    func value(_ name: String) -> String? {
        switch name {
        case "status": String(response.status)
        case "responseLength": String(response.body.length)
        case "responseLatency": String(milliseconds)
        case "endpointType": "REGIONAL"
        case "xrayTraceId": exchange.traceID
        case "awsEndpointRequestId", "integration.requestId": nil
        default: integration(name) ?? authorizer(name) ?? text(of: name)
        }
    }

    private func integration(_ name: String) -> String? {
        switch name {
        case "integrationStatus", "integration.integrationStatus": facts.integrationStatus.map { String($0) }
        case "integration.status": (facts.functionStatus ?? facts.integrationStatus).map { String($0) }
        case "integrationLatency", "integration.latency": facts.integrationMilliseconds.map { String($0) }
        case "integration.error", "integrationErrorMessage": facts.integrationError
        default: nil
        }
    }

    private func authorizer(_ name: String) -> String? {
        switch name {
        case "authorizer.error", "authorize.error": facts.authorizerError
        case "authorizer.status", "authorize.status": facts.authorizerStatus.map { String($0) }
        case "authorizer.integrationStatus": facts.authorizerStatus.map { $0 == 500 ? "500" : "200" }
        case "authorizer.latency", "authorize.latency", "authorizer.integrationLatency":
            facts.authorizerMilliseconds.map { String($0) }
        default: nil
        }
    }

    /// What stands in the context itself.
    private func text(of name: String) -> String? {
        var value = JSONValue.object(context)
        var rest = name[...]
        while !rest.isEmpty {
            // The names of an authorizer's properties may have dots.
            if let found = value[String(rest)] { return Self.text(found) }
            guard let dot = rest.firstIndex(of: "."), let found = value[String(rest[..<dot])] else {
                return nil
            }
            value = found
            rest = rest[rest.index(after: dot)...]
        }
        return nil
    }

    private static func text(_ value: JSONValue) -> String? {
        value.isNull ? nil : value.string ?? value.encodedString()
    }
}

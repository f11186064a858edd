import Clock
import HTTPTypes
import JSON

/// The REQUEST authorizer of `$connect`. WebSocket APIs have no other kind, and keep no answers.
struct WebSocketAccess: Sendable {
    enum Verdict: Sendable {
        /// What every event of the connection says under `authorizer`.
        case allowed(JSONObject)
        /// Something is missing by which the client could be known.
        case unauthorized
        case denied
        /// The text says what, for logs.
        case failed(String)
    }

    private let authorizer: LambdaAuthorizer
    private let sources: [IdentitySource]
    private let configuration: WebSocketConfiguration

    /// nil when anybody may connect.
    init?(_ configuration: WebSocketConfiguration, invoke: @escaping InvokeFunction) {
        guard let name = configuration.routes.first(where: { $0.key == "$connect" })?.authorizer,
            let found = configuration.authorizers.first(where: { $0.name == name })
        else { return nil }
        authorizer = LambdaAuthorizer(
            LambdaAuthorizer.Settings(function: found.function, ttlSeconds: 0), invoke: invoke)
        sources = found.identitySource.compactMap { IdentitySource($0) }
        self.configuration = configuration
    }

    /// - Parameter event: that of `$connect`.
    func judge(_ request: HTTPRequest, _ event: JSONObject, _ facts: ConnectionFacts) async -> Verdict {
        let context = event["requestContext"] ?? .null
        let hasAll = sources.allSatisfy { source in
            source.value(
                in: request, context: { Self.text(context, $0) }, stageVariables: facts.stage.variables)
                != nil
        }
        guard hasAll else { return .unauthorized }
        let resource =
            "arn:aws:execute-api:\(configuration.region):\(configuration.accountID):\(configuration.apiID)/"
            + "\(facts.stage.name)/$connect"
        let started = MonotonicClock.nanoseconds
        let verdict = await authorizer.verdict(identity: nil, resource: resource) {
            Self.event(from: event, resource: resource, facts)
        }
        switch verdict {
        case .allowed(let caller):
            let latency = (MonotonicClock.nanoseconds - started) / 1_000_000
            return .allowed(Self.described(caller, latencyMilliseconds: Int(latency)))
        case .denied: return .denied
        case .unauthorized: return .unauthorized
        case .failed(let reason): return .failed(reason)
        }
    }

    private static func event(
        from connect: JSONObject, resource: String, _ facts: ConnectionFacts
    ) -> [UInt8] {
        var event = JSONObject()
        event.append("type", "REQUEST")
        event.append("methodArn", .string(resource))
        for name in [
            "headers", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters",
            "stageVariables", "requestContext",
        ] {
            event.append(name, connect[name] ?? .object(JSONObject()))
        }
        return JSONValue.object(event).encoded()
    }

    /// Values of the context are strings for functions, whatever the authorizer wrote.
    private static func described(
        _ caller: LambdaAuthorizer.Caller, latencyMilliseconds: Int
    ) -> JSONObject {
        var described = JSONObject()
        for (name, value) in caller.context {
            if let text = Self.text(value) { described[name] = .string(text) }
        }
        if let principal = caller.principalID { described["principalId"] = .string(principal) }
        described["integrationLatency"] = .number(JSONNumber(latencyMilliseconds))
        return described
    }

    private static func text(_ value: JSONValue) -> String? {
        value.string ?? value.number?.text ?? value.bool.map { String($0) }
    }

    /// A variable such as `identity.sourceIp`.
    private static func text(_ context: JSONValue, _ path: String) -> String? {
        var value = context
        for name in path.split(separator: ".") {
            guard let next = value[String(name)] else { return nil }
            value = next
        }
        return text(value)
    }
}

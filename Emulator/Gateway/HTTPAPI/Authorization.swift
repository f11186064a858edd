import JSON

/// Whom an authorizer of an HTTP API has let pass, and how events show it.
enum Authorization: Sendable {
    case jwt(JWTAuthorizer.Caller)
    case lambda(LambdaAuthorizer.Caller)

    /// `requestContext.authorizer` of format 2.0.
    var jsonV2: JSONValue {
        switch self {
        case .jwt(let caller): ["jwt": Self.json(caller)]
        case .lambda(let caller): ["lambda": .object(caller.context)]
        }
    }

    /// `requestContext.authorizer` of format 1.0, where values of a context are strings.
    var jsonV1: JSONValue {
        switch self {
        case .jwt(let caller): return Self.json(caller)
        case .lambda(let caller):
            var members = JSONObject(
                caller.context.map { ($0.key, .string($0.value.string ?? $0.value.encodedString())) })
            if let principal = caller.principalID { members["principalId"] = .string(principal) }
            return .object(members)
        }
    }

    private static func json(_ caller: JWTAuthorizer.Caller) -> JSONValue {
        [
            "claims": .object(caller.claims),
            "scopes": caller.scopes.map { .array($0.map { .string($0) }) } ?? .null,
        ]
    }
}

import Bytes
import Clock
import HTTPTypes
import JSON

/// An authorizer of a REST API: `TOKEN` or `REQUEST`.
public struct RESTAuthorizer: Sendable {
    public enum Kind: Sendable {
        /// The value of one header, and what it has to look like as a whole.
        case token(header: String, pattern: String?)
        case request([IdentitySource])
    }

    public var kind: Kind
    public var function: String
    /// Seconds, 0 to 3,600.
    public var ttlSeconds: Int

    public init(kind: Kind, function: String, ttlSeconds: Int = 300) {
        self.kind = kind
        self.function = function
        self.ttlSeconds = ttlSeconds
    }
}

extension RESTAPI {
    /// The authorizer of the method, if it has one.
    func authorize(_ exchange: inout RESTExchange) async -> Outcome {
        guard let method = exchange.method, let stage = exchange.stage, let name = method.authorizer,
            let authorizer = configuration.authorizers[name], let caller = authorizers[name]
        else { return .goOn }
        guard let identity = identity(authorizer, exchange, stage) else {
            return .fail(RESTFailure(.unauthorized, "Unauthorized"))
        }
        let arn = methodARN(exchange)
        let started = clock.now
        let asked = exchange
        // A token's answer counts for all methods of the stage; so does one for the same identity sources.
        let key = identity.isEmpty ? nil : "\(stage.name)\n\(identity.joined(separator: "\n"))"
        let verdict = await caller.verdict(identity: key, resource: arn) {
            self.event(authorizer, asked, arn, identity)
        }
        let latency: Int64 = max(0, clock.now - started)
        exchange.facts?.note { Self.note(verdict, latency, &$0) }
        switch verdict {
        case .allowed(let caller):
            var context: JSONObject = ["principalId": .string(caller.principalID ?? "")]
            for (name, value) in caller.context {
                context[name] = .string(value.string ?? value.encodedString())
            }
            context["integrationLatency"] = .number(JSONNumber(latency))
            exchange.authorizer = context
            exchange.authorizerKey = caller.usageIdentifierKey
            return .goOn
        case .denied(let isExplicit):
            let message =
                "User is not authorized to access this resource"
                + (isExplicit ? " with an explicit deny" : "")
            return .fail(RESTFailure(.accessDenied, message, member: "Message"))
        case .unauthorized: return .fail(RESTFailure(.unauthorized, "Unauthorized"))
        case .failed: return .fail(RESTFailure(.authorizerConfigurationError, nil))
        }
    }

    private static func note(
        _ verdict: LambdaAuthorizer.Verdict, _ milliseconds: Int64, _ facts: inout RESTFacts.Noted
    ) {
        facts.authorizerMilliseconds = UInt64(milliseconds)
        switch verdict {
        case .allowed: facts.authorizerStatus = 200
        case .denied: facts.authorizerStatus = 403
        case .unauthorized: facts.authorizerStatus = 401
        case .failed(let reason): (facts.authorizerStatus, facts.authorizerError) = (500, reason)
        }
    }

    /// The values of the identity sources; nil when one is missing, or a token does not look as it has to.
    private func identity(
        _ authorizer: RESTAuthorizer, _ exchange: RESTExchange, _ stage: RESTStage
    ) -> [String]? {
        switch authorizer.kind {
        case .token(let header, let pattern):
            guard let token = exchange.request.headers[header], !token.isEmpty else { return nil }
            if let pattern, RegularExpression(pattern)?.isWhole(token) != true { return nil }
            return [token]
        case .request(let sources):
            let context = RESTContext(configuration: configuration).object(exchange)
            let variables = Dictionary(
                stage.variables.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
            var values: [String] = []
            for source in sources {
                let value = source.value(
                    in: exchange.request,
                    context: {
                        MappingValues(exchange: exchange, context: context).values(.context($0)).first
                    },
                    stageVariables: variables)
                guard let value else { return nil }
                values.append(value)
            }
            return values
        }
    }

    /// `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/path` of the request itself.
    private func methodARN(_ exchange: RESTExchange) -> String {
        let place = "\(configuration.region):\(configuration.accountID):\(configuration.apiID)"
        return
            "arn:aws:execute-api:\(place)/\(exchange.stage?.name ?? "")/\(exchange.httpMethod)\(exchange.path)"
    }

    private func event(
        _ authorizer: RESTAuthorizer, _ exchange: RESTExchange, _ arn: String, _ identity: [String]
    ) -> [UInt8] {
        switch authorizer.kind {
        case .token:
            let event: JSONValue = [
                "type": "TOKEN", "methodArn": .string(arn),
                "authorizationToken": .string(identity.first ?? ""),
            ]
            return event.encoded()
        case .request:
            var bodyless = exchange
            bodyless.body = []
            let proxied = (try? JSONValue.parse(RESTEvent(configuration: configuration).encode(bodyless)))
            var event: JSONObject = ["type": "REQUEST", "methodArn": .string(arn)]
            for (name, value) in proxied?.object ?? [:] where name != "body" && name != "isBase64Encoded" {
                // Maps are empty here where events of functions have null.
                event[name] = value.isNull ? .object([:]) : value
            }
            return JSONValue.object(event).encoded()
        }
    }
}

import JSON

/// One API of the manifest in the words that all three kinds share: what `emulator routes` prints, the management
/// calls describe and OpenAPI documents hold.
public struct APIModel: Sendable {
    public enum Kind: String, Sendable {
        case http = "HTTP"
        case rest = "REST"
        case webSocket = "WEBSOCKET"

        /// The manifest's field for it.
        public var field: String {
            switch self {
            case .http: "httpApi"
            case .rest: "restApi"
            case .webSocket: "webSocketApi"
            }
        }
    }

    /// What is behind a route.
    public enum Target: Sendable, Equatable {
        case function(String)
        case url(String)
        /// An answer of the gateway's own.
        case mock

        /// As it is printed: the function's name, the URL, or `mock`.
        public var text: String {
            switch self {
            case .function(let name): name
            case .url(let url): url
            case .mock: "mock"
            }
        }
    }

    public struct Route: Sendable {
        /// `GET /pets/{id}`, `$default`, `$connect` or a WebSocket API's own key.
        public var key: String
        public var target: Target
        /// Of a REST API, as AWS spells it; nil for what the target says.
        public var integrationType: String?
        /// `NONE`, `JWT`, `CUSTOM` or `AWS_IAM`.
        public var authorizationType = "NONE"
        /// A name from the API's authorizers.
        public var authorizer: String?
        public var scopes: [String] = []
        public var isKeyRequired = false
        public var timeoutMilliseconds: Int
        /// Of an HTTP API: `1.0` or `2.0`.
        public var payloadFormat: String?
        /// Of a WebSocket API: whether answers go back.
        public var hasResponse = false
        public var throttling: ThrottlingLimits?
        /// What GetIntegration shows beside all that, in AWS's spelling.
        public var integrationDetails = JSONObject()
        /// Of a REST API's integration that is no proxy: IntegrationResponse, in the manifest's order.
        public var responses: [JSONObject] = []
        /// Of a REST API, as GetMethod shows them.
        public var methodDetails = JSONObject()
        /// Of a REST API: what is held against models and required parameters.
        public var validatesBody = false
        public var validatesParameters = false

        public init(key: String, target: Target, timeoutMilliseconds: Int) {
            self.key = key
            self.target = target
            self.timeoutMilliseconds = timeoutMilliseconds
        }

        /// The method of a key with a path; `ANY` of `$default`.
        public var method: String {
            key.contains(" /") ? String(key.prefix { $0 != " " }) : "ANY"
        }

        /// The request validator that does what the route wants, by the console's name for it; nil for none.
        var validator: String? {
            switch (validatesBody, validatesParameters) {
            case (true, true): "Validate body, query string parameters, and headers"
            case (true, false): "Validate body"
            case (false, true): "Validate query string parameters and headers"
            case (false, false): nil
            }
        }

        /// The path of a key that has one.
        public var path: String? {
            key.contains(" /") ? String(key.drop { $0 != " " }.dropFirst()) : nil
        }
    }

    public struct Authorizer: Sendable {
        public var name: String
        /// `JWT`, `REQUEST`, `TOKEN` or `COGNITO_USER_POOLS`.
        public var type: String
        public var function: String?
        public var identitySource: [String] = []
        public var ttlSeconds: Int?
        /// Of a TOKEN authorizer.
        public var validationExpression: String?
        public var issuer: String?
        public var audience: [String] = []
        public var payloadFormat: String?
        public var hasSimpleResponses = false

        public init(name: String, type: String) {
            self.name = name
            self.type = type
        }
    }

    public struct Stage: Sendable {
        public var name: String
        public var variables: [String: String] = [:]
        public var throttling: ThrottlingLimits?
        /// By route key.
        public var routeThrottling: [String: ThrottlingLimits] = [:]
        public var accessLogFormat: String?
        /// More members of GetStage, in AWS's spelling.
        public var more = JSONObject()

        public init(name: String) { self.name = name }
    }

    public var kind: Kind
    public var id: String
    public var name: String
    public var routes: [Route] = []
    public var stages: [Stage] = []
    public var authorizers: [Authorizer] = []
    /// `corsConfiguration` of an HTTP API.
    public var cors: JSONObject?
    /// Of a WebSocket API.
    public var routeSelectionExpression: String?
    /// Of a REST API.
    public var binaryMediaTypes: [String] = []
    /// Of a REST API: GetApiKeys and GetUsagePlans, in AWS's spelling.
    public var apiKeys: [JSONObject] = []
    public var usagePlans: [JSONObject] = []
    /// Of a REST API: JSON Schema by name.
    public var models: [(name: String, schema: JSONValue)] = []
    /// Of a REST API: those that it changes, by their types, in AWS's spelling.
    public var gatewayResponses = JSONObject()
    /// Of a REST API.
    public var takesKeysFromAuthorizer = false
    public var isEndpointDisabled = false
    /// The API in the manifest's own words.
    public var declared = JSONObject()

    /// The routes' request validators, as GetRequestValidator shows them, by name.
    var validators: [(name: String, document: JSONObject)] {
        var validators: [(name: String, document: JSONObject)] = []
        for route in routes {
            guard let name = route.validator, !validators.contains(where: { $0.name == name }) else {
                continue
            }
            let document: JSONObject = [
                "validateRequestBody": .bool(route.validatesBody),
                "validateRequestParameters": .bool(route.validatesParameters),
            ]
            validators.append((name, document))
        }
        return validators
    }

    public init(kind: Kind, id: String, name: String) {
        self.kind = kind
        self.id = id
        self.name = name
    }
}

import HTTPClient
import JSON

/// What a REST API has to know. Field names are API Gateway's.
public struct RESTAPIConfiguration: Sendable {
    public var apiID: String
    public var accountID: String
    public var region: String
    public var stages: [RESTStage]
    public var methods: [RESTMethod]
    /// `image/png`, `image/*` or `*/*`.
    public var binaryMediaTypes: [String] = []
    public var models: [String: JSONSchema] = [:]
    public var gatewayResponses: [GatewayResponseType: GatewayResponse] = [:]
    /// Whether API keys come from the authorizer's `usageIdentifierKey` instead of the header `x-api-key`.
    public var takesKeysFromAuthorizer = false
    public var isEndpointDisabled = false
    public var apiKeys: [APIKey] = []
    public var usagePlans: [UsagePlan] = []
    public var authorizers: [String: RESTAuthorizer] = [:]

    public init(
        apiID: String, accountID: String, region: String, stages: [RESTStage], methods: [RESTMethod]
    ) {
        self.apiID = apiID
        self.accountID = accountID
        self.region = region
        self.stages = stages
        self.methods = methods
    }
}

/// A stage of a REST API.
public struct RESTStage: Sendable {
    public var name: String
    /// In the manifest's order.
    public var variables: [(name: String, value: String)] = []
    /// For all methods together.
    public var throttling: ThrottlingLimits?
    public var cacheClusterEnabled = false
    /// By `/path/METHOD`, with `*/*` for all.
    public var methodSettings: [String: MethodSettings] = [:]
    public var canary: CanarySettings?
    public var accessLog: AccessLog?

    public init(name: String) { self.name = name }

    /// The settings of one method, or of all.
    func settings(of method: RESTMethod) -> MethodSettings {
        methodSettings["\(method.resource)/\(method.httpMethod)"] ?? methodSettings["*/*"] ?? MethodSettings()
    }
}

/// `MethodSetting` of a stage.
public struct MethodSettings: Sendable {
    public enum UnauthorizedStrategy: String, Sendable, CaseIterable {
        case fail = "FAIL_WITH_403"
        case withHeader = "SUCCEED_WITH_RESPONSE_HEADER"
        case withoutHeader = "SUCCEED_WITHOUT_RESPONSE_HEADER"
    }

    public var throttling: ThrottlingLimits?
    /// nil: GET only.
    public var cachingEnabled: Bool?
    /// Seconds, 0 to 3,600; 0 switches it off.
    public var cacheTTL = 300
    /// Kept and shown, no more: this cache lives in memory only.
    public var cacheDataEncrypted = false
    public var requireAuthorizationForCacheControl = true
    public var unauthorizedStrategy = UnauthorizedStrategy.withHeader

    public init() {}
}

/// A method of a resource.
public struct RESTMethod: Sendable {
    /// A parameter of a request, `method.request.{location}.{name}`.
    public struct Parameter: Sendable, Equatable {
        public enum Location: String, Sendable, CaseIterable {
            case header, path, querystring
        }
        public let location: Location
        public let name: String

        public init(_ location: Location, _ name: String) {
            self.location = location
            self.name = name
        }

        /// nil unless `text` is `method.request.header.x` or alike.
        public init?(_ text: String) {
            let parts = text.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
            guard parts.count == 4, parts[0] == "method", parts[1] == "request", !parts[3].isEmpty,
                let location = Location(rawValue: String(parts[2]))
            else { return nil }
            self.init(location, String(parts[3]))
        }
    }

    /// `GET /pets/{id}`, as the manifest spells it; `ANY` for any method.
    public var key: String
    public var integration: RESTIntegration
    public var operationName: String?
    public var apiKeyRequired = false
    public var authorizer: String?
    public var requiredParameters: [Parameter] = []
    /// Content type to the name of a model.
    public var requestModels: [String: String] = [:]
    public var validatesParameters = false
    public var validatesBody = false
    public var cacheKeyParameters: [Parameter] = []
    /// 50 to 29,000.
    public var timeoutMilliseconds = 29_000
    public var canary: CanarySettings?

    public init(key: String, integration: RESTIntegration) {
        self.key = key
        self.integration = integration
    }

    public var httpMethod: String { String(key.prefix { $0 != " " }) }
    public var resource: String { String(key.drop { $0 != " " }.dropFirst()) }
}

/// What answers a method.
public enum RESTIntegration: Sendable {
    /// `AWS_PROXY`: the function gets the request as an event.
    case function(String)
    /// `AWS`: the function gets what templates make of the request, and they make the answer of what it returns.
    case templatedFunction(String, MappedIntegration)
    /// `HTTP_PROXY`: another server gets the request.
    case httpProxy(HTTPTarget)
    /// `HTTP`: another server gets what templates and mappings make of the request.
    case http(HTTPTarget, MappedIntegration)
    /// `MOCK`: nobody is asked.
    case mock(MappedIntegration)

    /// For people.
    public var text: String {
        switch self {
        case .function(let name), .templatedFunction(let name, _): name
        case .httpProxy(let target), .http(let target, _): target.uri
        case .mock: "MOCK"
        }
    }

    /// As AWS spells it.
    public var type: String {
        switch self {
        case .function: "AWS_PROXY"
        case .templatedFunction: "AWS"
        case .httpProxy: "HTTP_PROXY"
        case .http: "HTTP"
        case .mock: "MOCK"
        }
    }
}

/// `uri` and `httpMethod` of an HTTP integration.
public struct HTTPTarget: Sendable {
    /// May hold `{name}` of path parameters and `${stageVariables.name}`.
    public let uri: String
    /// The same, taken apart.
    let url: HTTPProxyTarget
    /// nil sends the request's own method.
    public var httpMethod: String?
    /// `integration.request.{header|path|querystring}.{name}` to a source.
    public var requestParameters: [(target: RESTMethod.Parameter, source: MappingSource)]

    /// nil when `uri` makes no http or https URL, whatever its variables stand for.
    public init?(
        uri: String, httpMethod: String? = nil,
        requestParameters: [(target: RESTMethod.Parameter, source: MappingSource)] = []
    ) {
        guard let url = HTTPProxyTarget(uri) else { return nil }
        self.uri = uri
        self.url = url
        self.httpMethod = httpMethod
        self.requestParameters = requestParameters
    }
}

/// Templates and responses of an integration that is no proxy.
public struct MappedIntegration: Sendable {
    public enum Passthrough: String, Sendable, CaseIterable {
        case whenNoMatch = "WHEN_NO_MATCH"
        case whenNoTemplates = "WHEN_NO_TEMPLATES"
        case never = "NEVER"
    }

    /// `IntegrationResponse`.
    public struct Response: Sendable {
        /// A regular expression over the whole status, or over the whole `errorMessage` of a function; nil is the default
        /// response.
        public var selectionPattern: String?
        public var statusCode: Int
        /// Header name to a source.
        public var headers: [(name: String, source: MappingSource)]
        public var templates: [(contentType: String, template: Template)]

        public init(
            selectionPattern: String?, statusCode: Int,
            headers: [(name: String, source: MappingSource)],
            templates: [(contentType: String, template: Template)]
        ) {
            self.selectionPattern = selectionPattern
            self.statusCode = statusCode
            self.headers = headers
            self.templates = templates
        }
    }

    public var requestTemplates: [(contentType: String, template: Template)]
    public var passthrough: Passthrough
    public var responses: [Response]

    public init(
        requestTemplates: [(contentType: String, template: Template)], passthrough: Passthrough,
        responses: [Response]
    ) {
        self.requestTemplates = requestTemplates
        self.passthrough = passthrough
        self.responses = responses
    }
}

import JSON

/// What a WebSocket API has to know. Field names are API Gateway's.
public struct WebSocketConfiguration: Sendable {
    /// A function behind a route key: `$connect`, `$disconnect`, `$default` or a value of the selection expression.
    public struct Route: Sendable, Equatable {
        public var key: String
        public var function: String
        /// Of `$connect` only: a name from `authorizers`.
        public var authorizer: String?
        /// Whether the function's body goes back to the client: `RouteResponseSelectionExpression` is `$default`.
        public var hasResponse: Bool
        /// Milliseconds until the gateway gives up on the function, 50 to 29,000.
        public var timeoutMilliseconds: Int
        public var throttling: ThrottlingLimits?

        public init(
            key: String, function: String, authorizer: String? = nil, hasResponse: Bool = false,
            timeoutMilliseconds: Int = 29_000, throttling: ThrottlingLimits? = nil
        ) {
            self.key = key
            self.function = function
            self.authorizer = authorizer
            self.hasResponse = hasResponse
            self.timeoutMilliseconds = timeoutMilliseconds
            self.throttling = throttling
        }
    }

    public struct Stage: Sendable, Equatable {
        public var name: String
        public var variables: [String: String]
        /// Of each route that has none of its own.
        public var throttling: ThrottlingLimits?

        public init(name: String, variables: [String: String] = [:], throttling: ThrottlingLimits? = nil) {
            self.name = name
            self.variables = variables
            self.throttling = throttling
        }
    }

    /// A REQUEST authorizer, asked before `$connect`.
    public struct Authorizer: Sendable, Equatable {
        public var name: String
        public var function: String
        /// `route.request.header.X`, `route.request.querystring.X`, `stageVariables.X` or `context.X`; all of them
        /// have to be there.
        public var identitySource: [String]

        public init(name: String, function: String, identitySource: [String] = []) {
            self.name = name
            self.function = function
            self.identitySource = identitySource
        }
    }

    /// Of all connections; AWS's quotas where the manifest says nothing.
    public struct Limits: Sendable, Equatable {
        /// Seconds without a frame.
        public var idleSeconds = 600
        /// Seconds that a connection lasts at most.
        public var totalSeconds = 7_200
        /// New connections: a second, and at once.
        public var newConnections = ThrottlingLimits(rateLimit: 500, burstLimit: 500)

        public init() {}
    }

    public var apiID: String
    public var name: String
    public var accountID: String
    public var region: String
    public var selection: RouteSelection
    public var routes: [Route]
    public var stages: [Stage]
    public var authorizers: [Authorizer]
    public var limits: Limits
    /// By the names of stages.
    public var accessLogs: [String: AccessLog] = [:]
    public var isEndpointDisabled = false

    public init(
        apiID: String, name: String, accountID: String, region: String, selection: RouteSelection,
        routes: [Route], stages: [Stage], authorizers: [Authorizer] = [], limits: Limits = Limits()
    ) {
        self.apiID = apiID
        self.name = name
        self.accountID = accountID
        self.region = region
        self.selection = selection
        self.routes = routes
        self.stages = stages
        self.authorizers = authorizers
        self.limits = limits
    }
}

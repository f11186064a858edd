import Bytes
import Clock
import HTTPTypes
import JSON

/// An HTTP API: selects a route, calls its function with an event, maps the answer back.
public final class HTTPAPI: GatewayAPI {
    /// Bytes of the request line and all header lines together; "Quotas for HTTP APIs".
    static let largestHeaderBlock = 10_240
    /// Bytes; "Quotas for HTTP APIs".
    static let largestBody: Int64 = 10 << 20

    public var id: String { configuration.apiID }

    public var disabledEndpointAnswer: HTTPResponse? {
        configuration.isEndpointDisabled ? Self.message(404, "Not Found") : nil
    }

    let configuration: HTTPAPIConfiguration
    let routes: RouteTable
    let encoder: EventEncoder
    let clock: any WallClock
    let invoke: InvokeFunction
    /// nil without backends.
    let send: SendToBackend?
    /// nil answers all requests in tasks.
    let direct: DirectCalls?
    private let account: Throttle?
    let stages: StageTable
    let authorizers: [String: RunningAuthorizer]
    /// Whether some stage has an access log.
    private let isLogging: Bool

    /// - Parameters:
    ///   - send: for HTTP-proxy routes, which are errors without it.
    ///   - direct: `invoke` and `send` without a Task.
    ///   - account: the limit that all APIs of the account share; nil for none.
    /// - Throws: `RouteError` when the routes clash.
    public init(
        configuration: HTTPAPIConfiguration, clock: any WallClock, send: SendToBackend? = nil,
        direct: DirectCalls? = nil, account: Throttle? = nil, invoke: @escaping InvokeFunction
    ) throws(RouteError) {
        self.send = send
        self.direct = direct
        self.account = account
        self.configuration = configuration
        self.clock = clock
        self.invoke = invoke
        routes = try RouteTable(routes: configuration.routes)
        encoder = EventEncoder(configuration: configuration)
        stages = StageTable(configuration.stages, routes: configuration.routes)
        isLogging = stages.isLogging
        authorizers = configuration.authorizers.mapValues { authorizer in
            switch authorizer {
            case .jwt(let settings): .jwt(JWTAuthorizer(settings, clock: clock))
            case .lambda(let settings, let sources, let format):
                .lambda(LambdaAuthorizer(settings, invoke: invoke), sources, format)
            }
        }
    }

    /// A request on its way through the pipeline.
    struct Exchange {
        let request: HTTPRequest
        let requestID: String
        var stage: Stage?
        /// What routes are matched with, when that is not the whole path.
        var routePath: String?
        var match: RouteMatch?
        var body: [UInt8] = []
        /// The gateway has answered a preflight, whose CORS headers are not those of other responses.
        var isOwnPreflight = false
        var authorization: Authorization?
        /// nil unless there is an access log.
        var facts: ExchangeFacts?
    }

    private typealias Step = @Sendable (HTTPAPI, inout Exchange) -> HTTPResponse?

    /// The pipeline, whose first step that gives a response ends it: these, ``authorize(_:)``, and what follows that.
    private static let steps: [Step] = [
        { $0.refuseLargeHeaders(&$1) },
        { $0.selectRoute(&$1) },
        { $0.answerPreflight(&$1) },
        { $0.refuseUnknownRoute(&$1) },
        { $0.throttle(&$1) },
    ]

    /// Answers one request. Never throws: every failure is AWS's own answer.
    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        var exchange = begin(request)
        var response = admit(&exchange)
        if response == nil { response = await authorize(&exchange) }
        if response == nil { response = readBody(&exchange) }
        if response == nil { response = await integrate(&exchange) }
        return finish(response, exchange)
    }

    func begin(_ request: HTTPRequest) -> Exchange {
        var exchange = Exchange(request: request, requestID: Self.makeRequestID())
        if isLogging { exchange.facts = ExchangeFacts(started: MonotonicClock.nanoseconds, time: clock.now) }
        return exchange
    }

    func admit(_ exchange: inout Exchange) -> HTTPResponse? {
        for step in Self.steps {
            if let answer = step(self, &exchange) { return answer }
        }
        return nil
    }

    public func refuseBody(of request: HTTPRequest) -> HTTPResponse {
        var exchange = begin(request)
        exchange.stage = stages.select(request)?.stage
        return finish(refuse(&exchange, 413, "Request Entity Too Large", "REQUEST_TOO_LARGE"), exchange)
    }

    /// The answer with what every one has; its line goes to the access log.
    func finish(_ answer: HTTPResponse?, _ exchange: Exchange) -> HTTPResponse {
        var response = answer ?? Self.message(500, "Internal Server Error")
        if let cors = configuration.cors, !exchange.isOwnPreflight {
            cors.apply(origin: exchange.request.headers["origin"], to: &response.headers)
        }
        response.headers["apigw-requestid"] = exchange.requestID
        if let log = exchange.stage?.log {
            let context = variables(of: exchange, response: response)
            log.record { context.value($0) }
        }
        return response
    }

    /// Sixteen characters that end in `=`, as in `JKJaXmPLvHcESHA=`.
    static func makeRequestID() -> String {
        let generator = BufferedRandomNumberGenerator()
        var bytes: [UInt8] = []
        for _ in 0..<2 { ByteOrder.append(generator.next(), to: &bytes) }
        return Base64.encode(bytes[0..<11])
    }

    /// The gateway's own answers: `{"message":"..."}`.
    static func message(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: ["content-type": "application/json"],
            body: .bytes(JSONValue.object(["message": .string(text)]).encoded()))
    }

    static func isPreflight(_ request: HTTPRequest) -> Bool {
        request.method == "OPTIONS" && request.headers.contains("origin")
            && request.headers.contains("access-control-request-method")
    }
}

extension HTTPAPI {
    private func refuseLargeHeaders(_ exchange: inout Exchange) -> HTTPResponse? {
        let request = exchange.request
        // With the spaces, the version and the line's end.
        let line = request.method.utf8.count + request.target.utf8.count + 12
        guard line + request.headers.wireBytes > Self.largestHeaderBlock else { return nil }
        // Its access log has it, too.
        exchange.stage = stages.select(request)?.stage
        return refuse(&exchange, 431, "Request Header Fields Too Large", "REQUEST_TOO_LARGE")
    }

    private func selectRoute(_ exchange: inout Exchange) -> HTTPResponse? {
        guard let (stage, path) = stages.select(exchange.request) else { return nil }
        exchange.stage = stage
        exchange.routePath = path
        exchange.match = routes.match(method: exchange.request.method, path: path ?? exchange.request.path)
        return nil
    }

    /// Preflights are the gateway's own, unless a route names OPTIONS or `$default` takes everything.
    private func answerPreflight(_ exchange: inout Exchange) -> HTTPResponse? {
        guard exchange.stage != nil, let cors = configuration.cors, Self.isPreflight(exchange.request),
            let origin = exchange.request.headers["origin"]
        else { return nil }
        if let key = exchange.match?.route.key, key == "$default" || key.hasPrefix("OPTIONS ") { return nil }
        exchange.isOwnPreflight = true
        return cors.preflight(origin: origin)
    }

    /// A known path with another method is unknown too: HTTP APIs never answer 405.
    private func refuseUnknownRoute(_ exchange: inout Exchange) -> HTTPResponse? {
        exchange.match == nil ? refuse(&exchange, 404, "Not Found", "ROUTE_NOT_FOUND") : nil
    }

    private func throttle(_ exchange: inout Exchange) -> HTTPResponse? {
        guard account?.admits() == false || isBeyondLimits(exchange) else { return nil }
        return refuse(&exchange, 429, "Too Many Requests", "THROTTLED")
    }

    private func isBeyondLimits(_ exchange: Exchange) -> Bool {
        guard let stage = exchange.stage, !stage.throttles.isEmpty, let key = exchange.match?.route.key,
            let throttle = stage.throttles[key]
        else { return false }
        return !throttle.admits()
    }

    func readBody(_ exchange: inout Exchange) -> HTTPResponse? {
        guard exchange.request.body.length <= Self.largestBody else {
            return refuse(&exchange, 413, "Request Entity Too Large", "REQUEST_TOO_LARGE")
        }
        do {
            exchange.body = try exchange.request.body.bytes ?? exchange.request.body.readAll()
            return nil
        } catch {
            return refuse(&exchange, 500, "Internal Server Error", "DEFAULT_5XX")
        }
    }

    /// The gateway's own answer, remembered for the access log.
    func refuse(
        _ exchange: inout Exchange, _ status: Int, _ text: String, _ type: String
    ) -> HTTPResponse {
        exchange.facts?.refusal = ExchangeFacts.Refusal(message: text, type: type)
        return Self.message(status, text)
    }

    func variables(of exchange: Exchange, response: HTTPResponse? = nil) -> ContextVariables {
        ContextVariables(
            configuration: configuration, exchange: exchange, time: exchange.facts?.time ?? clock.now,
            response: response, ended: response == nil ? nil : MonotonicClock.nanoseconds)
    }

    /// `Root=1-{seconds, hex}-{96 random bits, hex}` ("Tracing header" of the X-Ray developer guide).
    static func makeTraceID(now: Timestamp) -> String {
        let generator = BufferedRandomNumberGenerator()
        let seconds = UInt64(truncatingIfNeeded: now.seconds) << 32
        return Hex.fill(
            "Root=1-xxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxx", seconds | generator.next() >> 32, generator.next())
    }
}

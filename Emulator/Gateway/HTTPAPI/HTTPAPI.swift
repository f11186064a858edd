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

    let configuration: HTTPAPIConfiguration
    let routes: RouteTable
    let encoder: EventEncoder
    let clock: any WallClock
    let invoke: InvokeFunction

    /// - Throws: `RouteError` when the routes clash.
    public init(
        configuration: HTTPAPIConfiguration, clock: any WallClock, invoke: @escaping InvokeFunction
    ) throws(RouteError) {
        self.configuration = configuration
        self.clock = clock
        self.invoke = invoke
        routes = try RouteTable(routes: configuration.routes)
        encoder = EventEncoder(configuration: configuration)
    }

    /// A request on its way through the pipeline.
    struct Exchange {
        let request: HTTPRequest
        let requestID: String
        var match: RouteMatch?
        var body: [UInt8] = []
        /// The gateway has answered a preflight, whose CORS headers are not those of other responses.
        var isOwnPreflight = false
    }

    private typealias Step = @Sendable (HTTPAPI, inout Exchange) async -> HTTPResponse?

    /// The pipeline. The first step that gives a response ends it.
    private static let steps: [Step] = [
        { $0.refuseLargeHeaders(&$1) },
        { $0.selectRoute(&$1) },
        { $0.answerPreflight(&$1) },
        { $0.refuseUnknownRoute(&$1) },
        { $0.readBody(&$1) },
        { await $0.callFunction(&$1) },
    ]

    /// Answers one request. Never throws: every failure is AWS's own answer.
    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        var exchange = Exchange(request: request, requestID: Self.makeRequestID())
        var response = Self.message(500, "Internal Server Error")
        for step in Self.steps {
            if let answer = await step(self, &exchange) {
                response = answer
                break
            }
        }
        if let cors = configuration.cors, !exchange.isOwnPreflight {
            cors.apply(origin: request.headers["origin"], to: &response.headers)
        }
        response.headers["apigw-requestid"] = exchange.requestID
        return response
    }

    /// Sixteen characters that end in `=`, as in `JKJaXmPLvHcESHA=`.
    private static func makeRequestID() -> String {
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
        return Self.message(431, "Request Header Fields Too Large")
    }

    private func selectRoute(_ exchange: inout Exchange) -> HTTPResponse? {
        exchange.match = routes.match(method: exchange.request.method, path: exchange.request.path)
        return nil
    }

    /// Preflights are the gateway's own, unless a route names OPTIONS or `$default` takes everything.
    private func answerPreflight(_ exchange: inout Exchange) -> HTTPResponse? {
        guard let cors = configuration.cors, Self.isPreflight(exchange.request),
            let origin = exchange.request.headers["origin"]
        else { return nil }
        if let key = exchange.match?.route.key, key == "$default" || key.hasPrefix("OPTIONS ") { return nil }
        exchange.isOwnPreflight = true
        return cors.preflight(origin: origin)
    }

    /// A known path with another method is unknown too: HTTP APIs never answer 405.
    private func refuseUnknownRoute(_ exchange: inout Exchange) -> HTTPResponse? {
        exchange.match == nil ? Self.message(404, "Not Found") : nil
    }

    private func readBody(_ exchange: inout Exchange) -> HTTPResponse? {
        guard exchange.request.body.length <= Self.largestBody else {
            return Self.message(413, "Request Entity Too Large")
        }
        do {
            exchange.body = try exchange.request.body.bytes ?? exchange.request.body.readAll()
            return nil
        } catch {
            return Self.message(500, "Internal Server Error")
        }
    }

    private func callFunction(_ exchange: inout Exchange) async -> HTTPResponse? {
        guard let match = exchange.match else { return nil }
        let now = clock.now
        let event = encoder.encode(
            exchange.request, body: exchange.body, match: match, requestID: exchange.requestID,
            traceID: Self.makeTraceID(now: now), now: now)
        let timeout = configuration.integrationTimeoutMilliseconds
        switch await invoke(match.route.function, event, timeout) {
        case .payload(let payload):
            return ResponseDecoder.response(from: payload) ?? Self.message(500, "Internal Server Error")
        case .functionError, .notFound: return Self.message(500, "Internal Server Error")
        case .throttled, .timedOut: return Self.message(503, "Service Unavailable")
        case .payloadTooLarge: return Self.message(413, "Request Entity Too Large")
        }
    }

    /// `Root=1-{seconds, hex}-{96 random bits, hex}` ("Tracing header" of the X-Ray developer guide).
    static func makeTraceID(now: Timestamp) -> String {
        let generator = BufferedRandomNumberGenerator()
        let time = Hex.encode(UInt64(truncatingIfNeeded: now.seconds), digits: 8)
        return "Root=1-\(time)-\(Hex.encode(generator.next()))\(Hex.encode(generator.next(), digits: 8))"
    }
}

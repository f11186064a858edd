import Bytes
import Clock
import HTTPTypes
import JSON

/// A REST API: stage and method, authorizer, API key, throttles, validation, cache, integration. Each refusal is a
/// gateway response, which the API may have changed.
public final class RESTAPI: GatewayAPI {
    /// Bytes; "Quotas for REST APIs".
    static let largestHeaderBlock = 10_240
    static let largestBody: Int64 = 10 << 20

    public var id: String { configuration.apiID }

    public var disabledEndpointAnswer: HTTPResponse? {
        guard configuration.isEndpointDisabled else { return nil }
        return ConnectionsError.forbidden
    }

    let configuration: RESTAPIConfiguration
    let table: RESTRouteTable
    let clock: any WallClock
    let invoke: InvokeFunction
    let mayInvalidate: @Sendable (HTTPRequest) async -> Bool
    let backends: BackendClient
    let authorizers: [String: LambdaAuthorizer]
    let ledger: UsageLedger
    let caches: [String: ResponseCache]
    let throttles: [String: Throttle]
    private let account: Throttle?
    /// By stage, and by method where a method has one of its own.
    public let canaries: CanaryTable
    private let stages: [String: RESTStage]

    /// - Parameters:
    ///   - mayInvalidate: whether a request's caller has `execute-api:InvalidateCache`.
    ///   - account: the limit that all APIs of the account share; nil for none.
    ///   - invoke: calls a function; it has to return within the given time, with `.timedOut` if need be.
    /// - Throws: `RouteError` when methods clash.
    public init(
        configuration: RESTAPIConfiguration, clock: any WallClock, backends: BackendClient,
        account: Throttle? = nil,
        mayInvalidate: @escaping @Sendable (HTTPRequest) async -> Bool = { _ in false },
        invoke: @escaping InvokeFunction
    ) throws(RouteError) {
        self.configuration = configuration
        self.clock = clock
        self.backends = backends
        self.account = account
        self.invoke = invoke
        self.mayInvalidate = mayInvalidate
        table = try RESTRouteTable(configuration.methods)
        stages = Dictionary(configuration.stages.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        authorizers = configuration.authorizers.mapValues {
            LambdaAuthorizer(.init(function: $0.function, ttlSeconds: $0.ttlSeconds), invoke: invoke)
        }
        ledger = UsageLedger(configuration)
        canaries = CanaryTable(configuration)
        var caches: [String: ResponseCache] = [:]
        var throttles: [String: Throttle] = [:]
        for stage in configuration.stages {
            if stage.cacheClusterEnabled { caches[stage.name] = ResponseCache() }
            if let limits = stage.throttling { throttles[stage.name] = Throttle(limits) }
            for method in configuration.methods {
                guard let limits = stage.settings(of: method).throttling else { continue }
                throttles["\(stage.name) \(method.key)"] = Throttle(limits)
            }
        }
        self.caches = caches
        self.throttles = throttles
    }

    enum Outcome {
        case goOn
        case answer(HTTPResponse)
        case fail(RESTFailure)
    }

    private typealias Step = @Sendable (RESTAPI, inout RESTExchange) async -> Outcome

    /// The pipeline. The first step that answers or fails ends it.
    private static let steps: [Step] = [
        { $0.refuseLargeHeaders(&$1) },
        { $0.selectStage(&$1) },
        { $0.selectMethod(&$1) },
        { $0.readBody(&$1) },
        { await $0.authorize(&$1) },
        { $0.throttleAccount(&$1) },
        { $0.checkKey(&$1) },
        { $0.throttle(&$1) },
        { $0.validate(&$1) },
        { await $0.lookUp(&$1) },
        { await $0.integrate(&$1) },
    ]

    /// Answers one request. Never throws: every failure is AWS's own answer.
    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        var exchange = RESTExchange(request, now: clock.now)
        var response: HTTPResponse?
        for step in Self.steps {
            switch await step(self, &exchange) {
            case .goOn: continue
            case .answer(let answer): response = answer
            case .fail(let failure): exchange.failure = failure
            }
            break
        }
        var answer = response ?? gatewayResponse(exchange)
        if !answer.headers.contains("content-type") { answer.headers.add("Content-Type", "application/json") }
        answer.headers.add("x-amzn-RequestId", exchange.requestID)
        if let warning = exchange.warning { answer.headers.add("Warning", warning) }
        if let cookie = exchange.canaryCookie { answer.headers.add("Set-Cookie", cookie) }
        answer.headers.add("x-amz-apigw-id", exchange.extendedRequestID)
        if exchange.failure == nil { answer.headers["X-Amzn-Trace-Id"] = exchange.traceID }
        log(exchange, answer)
        return answer
    }

    /// The answer's line in the stage's access log.
    private func log(_ exchange: RESTExchange, _ response: HTTPResponse) {
        guard let log = exchange.stage?.accessLog, let facts = exchange.facts else { return }
        let context = RESTContext(configuration: configuration).templateContext(exchange)
        let variables = RESTLogVariables(exchange, response, context: context, facts: facts)
        log.record { variables.value($0) }
    }

    /// The answer to a body that is longer than the server takes at all.
    public func refuseBody(of request: HTTPRequest) -> HTTPResponse {
        var exchange = RESTExchange(request, now: clock.now)
        _ = selectStage(&exchange)
        exchange.failure = .tooLarge
        var answer = gatewayResponse(exchange)
        answer.headers.add("x-amzn-RequestId", exchange.requestID)
        answer.headers.add("x-amz-apigw-id", exchange.extendedRequestID)
        log(exchange, answer)
        return answer
    }

    /// What a path behind its stage is matched as: a slash at the end does not count.
    public static func routePath(_ path: String) -> String {
        path.utf8.count > 1 && path.utf8.last == 0x2F ? String(path.dropLast()) : path
    }

    /// Why methods cannot stand beside each other, or are none; nil when all is well.
    public static func problem(of methods: [RESTMethod]) -> String? {
        do throws(RouteError) {
            _ = try RESTRouteTable(methods)
            return nil
        } catch {
            return error.description
        }
    }

    /// What API keys have used of their quotas, to be kept over a restart; nil when nothing has changed since the last
    /// call.
    public func changedUsage() -> JSONValue? { ledger.changes() }

    /// What `changedUsage` gave last could not be kept.
    public func usageWasLost() { ledger.changesWereLost() }

    /// Puts what `changedUsage` gave an earlier run in the place of what there is; an empty object begins anew.
    public func restoreUsage(_ kept: JSONValue) { ledger.restore(kept) }

    public func flush(_ cache: StageCache, ofStage stage: String) -> Bool {
        guard stages[stage] != nil else { return false }
        switch cache {
        case .responses: caches[stage]?.flush()
        case .authorizers: for authorizer in authorizers.values { authorizer.forget() }
        }
        return true
    }
}

// MARK: - Steps

extension RESTAPI {
    private func refuseLargeHeaders(_ exchange: inout RESTExchange) -> Outcome {
        let request = exchange.request
        let line = request.method.utf8.count + request.target.utf8.count + " HTTP/1.1\r\n".utf8.count + 1
        guard line + request.headers.wireBytes > Self.largestHeaderBlock else { return .goOn }
        // Its access log tells of the refusal.
        _ = selectStage(&exchange)
        return .fail(
            RESTFailure(
                .default4xx, "Request Header Fields Too Large", status: 431,
                errorType: "RequestHeaderFieldsTooLargeException"))
    }

    /// The first segment of the path.
    private func selectStage(_ exchange: inout RESTExchange) -> Outcome {
        let path = exchange.fullPath.utf8
        let end = path.dropFirst().firstIndex(of: 0x2F) ?? path.endIndex
        let name = String(Substring(path[path.startIndex..<end].dropFirst()))
        guard let stage = stages[name] else { return .fail(.forbidden) }
        exchange.stage = stage
        if stage.accessLog != nil { exchange.facts = RESTFacts() }
        exchange.path = end == path.endIndex ? "/" : String(Substring(path[end...]))
        return .goOn
    }

    /// A known path with another method is unknown too.
    private func selectMethod(_ exchange: inout RESTExchange) -> Outcome {
        guard let found = table.match(method: exchange.httpMethod, path: exchange.path) else {
            return .fail(.missingToken)
        }
        exchange.method = found.method
        exchange.pathParameters = found.pathParameters
        return .goOn
    }

    private func readBody(_ exchange: inout RESTExchange) -> Outcome {
        guard exchange.request.body.length <= Self.largestBody else { return .fail(.tooLarge) }
        do {
            exchange.body = try exchange.request.body.bytes ?? exchange.request.body.readAll()
            return .goOn
        } catch {
            return .fail(.configuration)
        }
    }

    /// Before the limits of plans and stages ("Throttle requests to your REST APIs").
    private func throttleAccount(_ exchange: inout RESTExchange) -> Outcome {
        account?.admits() == false ? .fail(.throttled) : .goOn
    }

    /// API key and usage plan, of a method that wants one.
    private func checkKey(_ exchange: inout RESTExchange) -> Outcome {
        guard let method = exchange.method, let stage = exchange.stage, method.apiKeyRequired else {
            return .goOn
        }
        let given =
            configuration.takesKeysFromAuthorizer
            ? exchange.authorizerKey : exchange.request.headers["x-api-key"]
        guard let given, let (key, plan) = ledger.find(given, stage: stage.name) else {
            return .fail(.apiKey)
        }
        exchange.apiKey = key
        switch ledger.take(key, plan, stage: stage.name, method: method, now: exchange.now) {
        case .admitted: return .goOn
        case .throttled: return .fail(.throttled)
        case .quotaExceeded: return .fail(.quota)
        }
    }

    private func throttle(_ exchange: inout RESTExchange) -> Outcome {
        guard !throttles.isEmpty, let method = exchange.method, let stage = exchange.stage else {
            return .goOn
        }
        for name in ["\(stage.name) \(method.key)", stage.name] {
            if let throttle = throttles[name], !throttle.admits() { return .fail(.throttled) }
        }
        return .goOn
    }

    /// Keeps an answer if the request's is to be kept.
    func remember(_ response: HTTPResponse, _ exchange: RESTExchange) {
        guard let key = exchange.cacheKey, let stage = exchange.stage, let method = exchange.method,
            let cache = caches[stage.name]
        else { return }
        cache.keep(
            response, for: key, seconds: stage.settings(of: method).cacheTTL,
            now: MonotonicClock.nanoseconds / 1_000_000)
    }
}

import Clock
import HTTPTypes
import JSON

extension HTTPAPI {
    /// What is behind a route, ready to be called for one request.
    struct Call {
        enum Work {
            case function(String, event: [UInt8])
            case backend(BackendRequest)
            /// Nothing can be called.
            case refused(HTTPResponse)
        }

        let route: HTTPAPIRoute
        let timeoutMilliseconds: Int
        let work: Work
        /// nil when the route maps nothing.
        let sources: MappingSources?
    }

    /// Calls what is behind the route, and maps both ways what the route says.
    func integrate(_ exchange: inout Exchange) async -> HTTPResponse? {
        guard let call = prepare(&exchange) else { return nil }
        switch call.work {
        case .refused(let response): return mapped(response, call)
        case .function(let name, let event):
            let outcome = await invoke(name, event, call.timeoutMilliseconds)
            return conclude(outcome, call, &exchange)
        case .backend(let request):
            guard let send else { return nil }
            return conclude(await send(request), call, &exchange)
        }
    }

    /// nil without a route.
    func prepare(_ exchange: inout Exchange) -> Call? {
        guard let match = exchange.match, let stage = exchange.stage else { return nil }
        let settings = match.route.settings
        let timeout = settings?.timeoutMilliseconds ?? configuration.integrationTimeoutMilliseconds
        var sources: MappingSources?
        var isOtherPath = false
        var request = exchange.request
        if let settings, settings.requestParameters != nil || !settings.responseParameters.isEmpty {
            let made = MappingSources(
                context: variables(of: exchange), request: exchange.request,
                routePath: exchange.routePath ?? exchange.request.path,
                pathParameters: match.pathParameters, requestBody: exchange.body)
            isOtherPath = settings.requestParameters?.apply(to: &request, made) ?? false
            sources = made
        }
        let work: Call.Work =
            if let target = settings?.target {
                passing(request, isOtherPath: isOtherPath, to: target, match, stage, timeout, &exchange)
            } else {
                .function(
                    stage.functions[match.route.key] ?? match.route.function,
                    event: event(request, match, stage, exchange))
            }
        if case .refused = work {} else { exchange.facts?.integrationStarted = MonotonicClock.nanoseconds }
        return Call(route: match.route, timeoutMilliseconds: timeout, work: work, sources: sources)
    }

    private func event(
        _ request: HTTPRequest, _ match: RouteMatch, _ stage: Stage, _ exchange: Exchange
    ) -> [UInt8] {
        guard match.route.settings?.payloadFormat != .v1 else {
            return EventEncoderV1(configuration: configuration)
                .encode(parts(of: exchange, match, stage, request))
        }
        let now = clock.now
        return encoder.encode(
            request, body: exchange.body, match: match, requestID: exchange.requestID,
            traceID: Self.makeTraceID(now: now), now: now, stage: stage,
            authorization: exchange.authorization)
    }

    /// An answer with what its route says about answers of that status.
    func mapped(_ answer: HTTPResponse, _ call: Call) -> HTTPResponse {
        guard var sources = call.sources,
            let mapping = call.route.settings?.responseParameters[answer.status]
        else { return answer }
        var response = answer
        sources.response = response
        mapping.apply(to: &response) { sources.value($0) }
        return response
    }

    func conclude(_ outcome: FunctionOutcome, _ call: Call, _ exchange: inout Exchange) -> HTTPResponse {
        exchange.facts?.ended(outcome)
        let isFirst = call.route.settings?.payloadFormat == .v1
        return mapped(answer(to: outcome, isFirst: isFirst, &exchange), call)
    }

    private func answer(
        to outcome: FunctionOutcome, isFirst: Bool, _ exchange: inout Exchange
    ) -> HTTPResponse {
        switch outcome {
        case .payload(let payload):
            let decoded =
                isFirst ? ResponseDecoder.responseV1(from: payload) : ResponseDecoder.response(from: payload)
            if let decoded {
                exchange.facts?.functionStatus = decoded.status
                return decoded
            }
            exchange.facts?.functionAnsweredWrongly()
            return refuse(&exchange, 500, "Internal Server Error", "INTEGRATION_FAILURE")
        case .functionError, .notFound:
            return refuse(&exchange, 500, "Internal Server Error", "INTEGRATION_FAILURE")
        case .throttled: return refuse(&exchange, 503, "Service Unavailable", "INTEGRATION_FAILURE")
        case .timedOut: return refuse(&exchange, 503, "Service Unavailable", "INTEGRATION_TIMEOUT")
        case .payloadTooLarge:
            return refuse(&exchange, 413, "Request Entity Too Large", "REQUEST_TOO_LARGE")
        }
    }

    func parts(
        of exchange: Exchange, _ match: RouteMatch, _ stage: Stage, _ request: HTTPRequest? = nil
    ) -> EventParts {
        let now = clock.now
        return EventParts(
            request: request ?? exchange.request, body: exchange.body, match: match, stage: stage,
            authorization: exchange.authorization, requestID: exchange.requestID,
            traceID: Self.makeTraceID(now: now), now: now)
    }
}

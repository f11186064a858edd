import Clock
import HTTPTypes
import JSON

extension HTTPAPI {
    /// Calls what is behind the route, and maps both ways what the route says.
    func integrate(_ exchange: inout Exchange) async -> HTTPResponse? {
        guard let match = exchange.match, let stage = exchange.stage else { return nil }
        guard let settings = match.route.settings else {
            return await callFunction(exchange.request, match, stage, &exchange)
        }
        var sources: MappingSources?
        var request = exchange.request
        if settings.requestParameters != nil || !settings.responseParameters.isEmpty {
            sources = MappingSources(
                context: variables(of: exchange), request: exchange.request,
                routePath: exchange.routePath ?? exchange.request.path,
                pathParameters: match.pathParameters, requestBody: exchange.body)
        }
        var isOtherPath = false
        if let mapping = settings.requestParameters, let sources {
            isOtherPath = mapping.apply(to: &request, sources)
        }
        var response =
            if let target = settings.target {
                await passOn(request, isOtherPath: isOtherPath, to: target, match, stage, &exchange)
            } else {
                await callFunction(request, match, stage, &exchange)
            }
        if var sources, let mapping = settings.responseParameters[response.status] {
            sources.response = response
            mapping.apply(to: &response) { sources.value($0) }
        }
        return response
    }

    private func callFunction(
        _ request: HTTPRequest, _ match: RouteMatch, _ stage: Stage, _ exchange: inout Exchange
    ) async -> HTTPResponse {
        let now = clock.now
        let settings = match.route.settings
        let isFirst = settings?.payloadFormat == .v1
        let event: [UInt8]
        if isFirst {
            event = EventEncoderV1(configuration: configuration)
                .encode(parts(of: exchange, match, stage, request))
        } else {
            event = encoder.encode(
                request, body: exchange.body, match: match, requestID: exchange.requestID,
                traceID: Self.makeTraceID(now: now), now: now, stage: stage,
                authorization: exchange.authorization)
        }
        let timeout = settings?.timeoutMilliseconds ?? configuration.integrationTimeoutMilliseconds
        exchange.facts?.integrationStarted = MonotonicClock.nanoseconds
        let outcome = await invoke(stage.functions[match.route.key] ?? match.route.function, event, timeout)
        exchange.facts?.ended(outcome)
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

import Clock
import HTTPClient
import HTTPTypes

/// Sends a request to an HTTP backend and returns what came of it, within the request's time.
public typealias SendToBackend = @Sendable (BackendRequest) async -> BackendResult

extension HTTPAPI {
    /// Passes a request to the URL behind its route, and the answer back ("Create HTTP proxy integrations for HTTP
    /// APIs"): the method, the query and the body as they are, the headers but for those of one connection.
    ///
    /// - Parameters:
    ///   - request: after the route's parameter mapping.
    ///   - isOtherPath: whether that mapping has made its path, which then takes the place of the URL's.
    func passOn(
        _ request: HTTPRequest, isOtherPath: Bool, to target: HTTPProxyTarget, _ match: RouteMatch,
        _ stage: Stage,
        _ exchange: inout Exchange
    ) async -> HTTPResponse {
        var url: URLParts
        do throws(HTTPProxyTarget.Problem) {
            let greedy = match.route.greedyVariable
            url = try target.url(
                path: { name in match.pathParameters[name].map { .init($0, isGreedy: name == greedy) } },
                stage: { stage.variables[$0] })
        } catch {
            switch error {
            case .noURL:
                exchange.facts?.integrationError = "The integration's URL has a variable without a value."
                return refuse(&exchange, 500, "Internal Server Error", "INTEGRATION_FAILURE")
            case .dotSegment: return refuse(&exchange, 400, "Bad Request", "BAD_REQUEST")
            }
        }
        guard let send else { return refuse(&exchange, 500, "Internal Server Error", "INTEGRATION_FAILURE") }
        if isOtherPath {
            guard !HTTPProxyTarget.hasDotSegment(request.path) else {
                return refuse(&exchange, 400, "Bad Request", "BAD_REQUEST")
            }
            url.path = request.path
        }
        url.query = [url.query, request.rawQuery].filter { !$0.isEmpty }.joined(separator: "&")
        let now = clock.now
        var added = ForwardedFields.httpAPI(exchange.request, traceID: Self.makeTraceID(now: now))
        // Only a mapping gives the backend another name than its own.
        if let host = request.headers["host"], host != exchange.request.headers["host"] {
            added.append(("Host", host))
        }
        let timeout =
            match.route.settings?.timeoutMilliseconds ?? configuration.integrationTimeoutMilliseconds
        exchange.facts?.integrationStarted = MonotonicClock.nanoseconds
        let result = await send(
            BackendRequest(
                method: request.method, url: url, headers: request.headers, added: added,
                body: exchange.body, timeoutMilliseconds: timeout))
        exchange.facts?.integrationEnded = MonotonicClock.nanoseconds
        switch result {
        case .answer(let answer):
            exchange.facts?.integrationStatus = answer.status
            return answer.withoutConnectionFields
        case .failure(let failure):
            exchange.facts?.integrationError = failure.description
            if failure == .unsendable {
                return refuse(&exchange, 500, "Internal Server Error", "INTEGRATION_FAILURE")
            }
            let type = failure == .timedOut ? "INTEGRATION_TIMEOUT" : "INTEGRATION_FAILURE"
            return refuse(&exchange, 503, "Service Unavailable", type)
        }
    }
}

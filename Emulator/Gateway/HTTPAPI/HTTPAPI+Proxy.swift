import Clock
import HTTPClient
import HTTPTypes

/// Sends a request to an HTTP backend and returns what came of it, within the request's time.
public typealias SendToBackend = @Sendable (BackendRequest) async -> BackendResult

extension HTTPAPI {
    /// A request for the URL behind its route ("Create HTTP proxy integrations for HTTP APIs"): the method, the query
    /// and the body as they are, the headers but for those of one connection.
    ///
    /// - Parameters:
    ///   - request: after the route's parameter mapping.
    ///   - isOtherPath: whether that mapping has made its path, which then takes the place of the URL's.
    func passing(
        _ request: HTTPRequest, isOtherPath: Bool, to target: HTTPProxyTarget, _ match: RouteMatch,
        _ stage: Stage, _ timeout: Int, _ exchange: inout Exchange
    ) -> Call.Work {
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
                return .refused(refuse(&exchange, 500, "Internal Server Error", "INTEGRATION_FAILURE"))
            case .dotSegment: return .refused(refuse(&exchange, 400, "Bad Request", "BAD_REQUEST"))
            }
        }
        guard send != nil else {
            return .refused(refuse(&exchange, 500, "Internal Server Error", "INTEGRATION_FAILURE"))
        }
        if isOtherPath {
            guard !HTTPProxyTarget.hasDotSegment(request.path) else {
                return .refused(refuse(&exchange, 400, "Bad Request", "BAD_REQUEST"))
            }
            url.path = request.path
        }
        let query = request.rawQuery
        if !query.isEmpty { url.query = url.query.isEmpty ? query : "\(url.query)&\(query)" }
        var added = ForwardedFields.httpAPI(exchange.request, traceID: Self.makeTraceID(now: clock.now))
        // Only a mapping gives the backend another name than its own.
        if let host = request.headers["host"], host != exchange.request.headers["host"] {
            added.append(("Host", host))
        }
        return .backend(
            BackendRequest(
                method: request.method, url: url, headers: request.headers, added: added,
                body: exchange.body, timeoutMilliseconds: timeout))
    }

    func conclude(_ result: BackendResult, _ call: Call, _ exchange: inout Exchange) -> HTTPResponse {
        exchange.facts?.integrationEnded = MonotonicClock.nanoseconds
        switch result {
        case .answer(let answer):
            exchange.facts?.integrationStatus = answer.status
            return mapped(answer.withoutConnectionFields, call)
        case .failure(let failure):
            exchange.facts?.integrationError = failure.description
            if failure == .unsendable {
                return mapped(
                    refuse(&exchange, 500, "Internal Server Error", "INTEGRATION_FAILURE"), call)
            }
            let type = failure == .timedOut ? "INTEGRATION_TIMEOUT" : "INTEGRATION_FAILURE"
            return mapped(refuse(&exchange, 503, "Service Unavailable", type), call)
        }
    }
}

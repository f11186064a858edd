import Bytes
import Clock
import HTTPClient
import HTTPTypes
import JSON

/// What an integration came to.
typealias IntegrationResult = Result<HTTPResponse, RESTFailure>

extension RESTAPI {
    /// Asks the method's integration, or the side that its canary chooses.
    func integrate(_ exchange: inout RESTExchange) async -> Outcome {
        guard let method = exchange.method, let stage = exchange.stage else { return .fail(.configuration) }
        let started = MonotonicClock.nanoseconds
        let result: IntegrationResult
        if let canary = canaries.canary(stage: stage, method: method) {
            let choice = canary.choose(exchange)
            exchange.isCanary = choice.side == .functions
            exchange.canaryCookie = choice.cookie
            result = await answer(by: choice.side, canary, exchange, method)
        } else {
            result = await ask(exchange, method)
        }
        let milliseconds = (MonotonicClock.nanoseconds - started) / 1_000_000
        exchange.facts?.note { $0.integrationMilliseconds = milliseconds }
        switch result {
        case .success(let response):
            remember(response, exchange)
            return .answer(response)
        case .failure(let failure): return .fail(failure)
        }
    }

    func ask(_ exchange: RESTExchange, _ method: RESTMethod) async -> IntegrationResult {
        switch method.integration {
        case .function(let name): await call(name, exchange, method)
        case .templatedFunction(let name, let mapping): await call(name, mapping, exchange, method)
        case .httpProxy(let target): await proxy(target, exchange, method)
        case .http(let target, let mapping): await http(target, mapping, exchange, method)
        case .mock(let mapping): mock(mapping, exchange)
        }
    }

    // MARK: - Functions

    private func call(_ function: String, _ exchange: RESTExchange, _ method: RESTMethod) async
        -> IntegrationResult
    {
        let event = RESTEvent(configuration: configuration).encode(exchange)
        switch await invoke(function, event, method.timeoutMilliseconds) {
        case .payload(let payload):
            let accepted = MediaTypes.first(exchange.request.headers["accept"])
            let acceptsBinary = MediaTypes.match(accepted, configuration.binaryMediaTypes)
            let response = RESTResponse.response(from: payload, acceptsBinary: acceptsBinary)
            exchange.facts?.note { facts in
                facts.integrationStatus = 200
                facts.functionStatus = response?.status
                if response == nil {
                    facts.integrationError =
                        "Execution failed due to configuration error: Malformed Lambda proxy response"
                }
            }
            return response.map { IntegrationResult.success($0) } ?? .failure(.malformed)
        case .functionError(let payload):
            noteError(of: payload, exchange)
            return .failure(.malformed)
        case .timedOut: return failed(.timeout, "Execution failed due to a timeout error", exchange)
        case .payloadTooLarge: return failed(.tooLarge, "The request is too large for the function", exchange)
        // AWS's own 429 never reaches the caller.
        case .throttled: return failed(.configuration, "Rate exceeded", exchange, status: 429)
        case .notFound: return failed(.configuration, "Function not found", exchange, status: 404)
        }
    }

    /// A function's error is Lambda's success.
    func noteError(of payload: [UInt8], _ exchange: RESTExchange) {
        exchange.facts?.note { facts in
            facts.integrationStatus = 200
            facts.integrationError = "Lambda execution failed with error: \(String(utf8: payload))"
        }
    }

    func failed(
        _ failure: RESTFailure, _ reason: String, _ exchange: RESTExchange, status: Int? = nil
    ) -> IntegrationResult {
        exchange.facts?.note { facts in
            facts.integrationStatus = status
            facts.integrationError = reason
        }
        return .failure(failure)
    }

    // MARK: - HTTP

    /// `HTTP_PROXY`: the request as it is, to another URL.
    private func proxy(
        _ target: HTTPTarget, _ exchange: RESTExchange, _ method: RESTMethod
    ) async -> IntegrationResult {
        let context = RESTContext(configuration: configuration).object(exchange)
        var headers = exchange.request.headers
        // Only a mapping gives the backend another name than its own.
        headers.remove("host")
        var query = exchange.query
        var path: [(name: String, value: String)] = []
        MappingValues(exchange: exchange, context: context)
            .put(target.requestParameters, headers: &headers, query: &query, path: &path)
        let raw =
            target.requestParameters.contains { $0.target.location == .querystring }
            ? Query.encode(query) : exchange.request.rawQuery
        let url: URLParts
        do throws(RESTFailure) {
            url = try self.url(target, mapped: path, query: raw, exchange)
        } catch {
            return .failure(error)
        }
        return await send(
            BackendRequest(
                method: target.httpMethod ?? exchange.httpMethod, url: url, headers: headers,
                added: forwarded(exchange, headers), body: exchange.body,
                timeoutMilliseconds: method.timeoutMilliseconds),
            exchange
        )
        .map { HTTPResponse(status: $0.status, headers: HeaderRules.renamed($0.headers), body: $0.body) }
    }

    /// What the gateway says of itself and of the caller.
    ///
    /// - Parameter headers: of the integration request; a `Host` among them is a mapping's.
    func forwarded(_ exchange: RESTExchange, _ headers: HTTPHeaders) -> [(name: String, value: String)] {
        var fields = ForwardedFields.restAPI(
            exchange.request, headers, apiID: configuration.apiID, traceID: exchange.traceID)
        if let host = headers["host"] { fields.append(("Host", host)) }
        return fields
    }

    func send(_ request: BackendRequest, _ exchange: RESTExchange) async -> IntegrationResult {
        switch await backends.send(request) {
        case .answer(let response):
            exchange.facts?.note { $0.integrationStatus = response.status }
            return .success(response)
        case .failure(let failure):
            let answer: RESTFailure =
                switch failure {
                case .timedOut: .timeout
                case .unsendable: .configuration
                default: .integration
                }
            return failed(answer, failure.description, exchange)
        }
    }

    /// The integration's URL with path parameters and stage variables in their places.
    ///
    /// - Parameters:
    ///   - mapped: path parameters that a mapping has set; they come before the request's own.
    ///   - query: appended to the URL's own.
    func url(
        _ target: HTTPTarget, mapped: [(name: String, value: String)], query: String, _ exchange: RESTExchange
    ) throws(RESTFailure) -> URLParts {
        let greedy = exchange.method.flatMap { RouteKey.greedyVariable(of: $0.key) }
        var url: URLParts
        do throws(HTTPProxyTarget.Problem) {
            url = try target.url.url(
                path: { name in
                    if let value = mapped.last(where: { $0.name == name })?.value {
                        return HTTPProxyTarget.Value(value, isGreedy: true)
                    }
                    let own = exchange.pathParameters.first { $0.name == name }?.value
                    return own.map { HTTPProxyTarget.Value($0, isGreedy: name == greedy) }
                },
                stage: { name in exchange.stage?.variables.first { $0.name == name }?.value })
        } catch {
            switch error {
            case .noURL: throw .configuration
            case .dotSegment: throw .badPath
            }
        }
        if !query.isEmpty { url.query = url.query.isEmpty ? query : "\(url.query)&\(query)" }
        return url
    }
}

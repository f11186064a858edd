import Bytes
import HTTPClient
import HTTPTypes
import JSON

/// `MOCK`, `HTTP` and `AWS`: templates and mappings make request and answer.
extension RESTAPI {
    func mock(_ mapping: MappedIntegration, _ exchange: RESTExchange) -> IntegrationResult {
        let context = RESTContext(configuration: configuration).templateContext(exchange)
        switch rendered(mapping, exchange, context) {
        case .failure(let failure): return .failure(failure)
        case .success(let request):
            guard let status = (try? JSONValue.parse(request.text))?["statusCode"]?.int else {
                return .failure(RESTFailure(.default5xx, "Internal server error"))
            }
            return respond(
                mapping, to: HTTPResponse(status: status), exchange, context: request.context)
        }
    }

    func http(
        _ target: HTTPTarget, _ mapping: MappedIntegration, _ exchange: RESTExchange, _ method: RESTMethod
    ) async -> IntegrationResult {
        let context = RESTContext(configuration: configuration).templateContext(exchange)
        let body: Template.Output
        switch rendered(mapping, exchange, context) {
        case .failure(let failure): return .failure(failure)
        case .success(let output): body = output
        }
        var headers: HTTPHeaders = ["Accept": "application/json"]
        var query: [QueryItem] = []
        var path: [(name: String, value: String)] = []
        MappingValues(exchange: exchange, context: context)
            .put(target.requestParameters, headers: &headers, query: &query, path: &path)
        let overridden = body.context["requestOverride"]
        for (name, value) in overridden?["header"]?.object ?? [:] {
            headers[name] = TemplateText.plain(value)
        }
        for (name, value) in overridden?["querystring"]?.object ?? [:] {
            query.removeAll { $0.name == name }
            query.append(QueryItem(name, TemplateText.plain(value)))
        }
        for (name, value) in overridden?["path"]?.object ?? [:] {
            path.append((name, TemplateText.plain(value)))
        }
        if !headers.contains("content-type") {
            headers.add("Content-Type", exchange.request.headers["content-type"] ?? "application/json")
        }
        let url: URLParts
        do throws(RESTFailure) {
            url = try self.url(target, mapped: path, query: Query.encode(query), exchange)
        } catch {
            return .failure(error)
        }
        let verb = target.httpMethod ?? exchange.httpMethod
        let hasBody = verb != "GET" && verb != "HEAD" && verb != "OPTIONS"
        let result = await send(
            BackendRequest(
                method: verb, url: url, headers: headers,
                added: forwarded(exchange, headers), body: hasBody ? body.text.bytes : [],
                timeoutMilliseconds: method.timeoutMilliseconds), exchange)
        switch result {
        case .success(let response): return respond(mapping, to: response, exchange, context: body.context)
        case .failure(let failure): return .failure(failure)
        }
    }

    /// A function that knows nothing of the API: its event is the template's, and what it returns is a body.
    func call(
        _ function: String, _ mapping: MappedIntegration, _ exchange: RESTExchange, _ method: RESTMethod
    ) async -> IntegrationResult {
        let context = RESTContext(configuration: configuration).templateContext(exchange)
        let request: Template.Output
        switch rendered(mapping, exchange, context) {
        case .failure(let failure): return .failure(failure)
        case .success(let output): request = output
        }
        let event = request.text.isEmpty ? Array("{}".utf8) : request.text.bytes
        if let refusal = Self.refusal(ofEvent: event) {
            // Lambda refuses it; that is an answer as any other.
            exchange.facts?.note { $0.integrationStatus = 400 }
            return respond(mapping, to: refusal, exchange, context: request.context, selecting: nil)
        }
        switch await invoke(function, event, method.timeoutMilliseconds) {
        case .payload(let payload):
            exchange.facts?.note { $0.integrationStatus = 200 }
            return respond(
                mapping, to: Self.answer(payload), exchange, context: request.context, selecting: nil)
        case .functionError(let payload):
            noteError(of: payload, exchange)
            let message = (try? JSONValue.parse(payload))?["errorMessage"]?.string
            return respond(
                mapping, to: Self.answer(payload), exchange, context: request.context, selecting: message)
        case .timedOut: return failed(.timeout, "Execution failed due to a timeout error", exchange)
        case .payloadTooLarge: return failed(.tooLarge, "The request is too large for the function", exchange)
        case .throttled: return failed(.configuration, "Rate exceeded", exchange, status: 429)
        case .notFound: return failed(.configuration, "Function not found", exchange, status: 404)
        }
    }

    private static func answer(_ payload: [UInt8]) -> HTTPResponse {
        HTTPResponse(status: 200, headers: ["Content-Type": "application/json"], body: .bytes(payload))
    }

    /// Lambda's words for an event that is not JSON; nil for one that is.
    private static func refusal(ofEvent event: [UInt8]) -> HTTPResponse? {
        do throws(JSONError) {
            _ = try JSONValue.parse(event)
            return nil
        } catch {
            let text = "Could not parse request body into json: \(error.reason)"
            return answer(JSONValue.object(["Type": "User", "message": .string(text)]).encoded())
        }
    }

    /// The integration request's body: of the template for the request's type, or as it came.
    private func rendered(
        _ mapping: MappedIntegration, _ exchange: RESTExchange, _ context: JSONObject
    ) -> Result<Template.Output, RESTFailure> {
        let type = exchange.request.headers["content-type"].map { MediaTypes.plain($0) } ?? "application/json"
        let text = String(utf8: exchange.body)
        if let template = mapping.requestTemplates.first(where: { $0.contentType == type })?.template {
            let scope = TemplateScope(
                body: text, parameters: parameters(of: exchange), context: context,
                stageVariables: stageVariables(of: exchange))
            return .success(template.render(scope))
        }
        switch mapping.passthrough {
        case .never: return .failure(.mediaType)
        case .whenNoTemplates where !mapping.requestTemplates.isEmpty: return .failure(.mediaType)
        case .whenNoTemplates, .whenNoMatch: return .success(Template.Output(text: text, context: context))
        }
    }

    private func respond(
        _ mapping: MappedIntegration, to answer: HTTPResponse, _ exchange: RESTExchange, context: JSONObject
    ) -> IntegrationResult {
        respond(mapping, to: answer, exchange, context: context, selecting: String(answer.status))
    }

    /// The integration response that fits, with its headers and body.
    ///
    /// - Parameter text: the status, or a function's error message; nil takes the default response.
    private func respond(
        _ mapping: MappedIntegration, to answer: HTTPResponse, _ exchange: RESTExchange, context: JSONObject,
        selecting text: String?
    ) -> IntegrationResult {
        let chosen =
            mapping.responses.first { response in
                guard let pattern = response.selectionPattern, let text else { return false }
                return RegularExpression(pattern)?.isWhole(text) == true
            } ?? mapping.responses.first { $0.selectionPattern == nil }
        guard let chosen else { return .failure(.configuration) }
        let body = (try? answer.body.readAll()) ?? []
        let values = MappingValues(
            exchange: exchange, context: context, response: (answer.headers.map { $0 }, body))
        var headers = HTTPHeaders()
        for (name, source) in chosen.headers {
            for value in values.values(source) where FieldSyntax.isToken(name) && FieldSyntax.isValue(value) {
                headers.add(HeaderRules.outgoing(name) ?? name, value)
            }
        }
        var code = chosen.statusCode
        var content = body
        if let (type, template) = responseTemplate(chosen, exchange) {
            let output = template.render(
                TemplateScope(
                    body: String(utf8: body), parameters: parameters(of: exchange), context: context,
                    stageVariables: stageVariables(of: exchange)))
            content = output.text.bytes
            if !headers.contains("content-type") { headers.add("Content-Type", type) }
            let overridden = output.context["responseOverride"]
            if let status = overridden?["status"]?.int, (200...599).contains(status) { code = status }
            for (name, value) in overridden?["header"]?.object ?? [:] {
                let text = TemplateText.plain(value)
                if FieldSyntax.isToken(name), FieldSyntax.isValue(text) { headers[name] = text }
            }
        } else if !headers.contains("content-type"), let type = answer.headers["content-type"] {
            headers.add("Content-Type", type)
        }
        return .success(HTTPResponse(status: code, headers: headers, body: .bytes(content)))
    }

    /// Of the type that the caller accepts, of JSON, or the first one; nil passes the body through.
    private func responseTemplate(
        _ response: MappedIntegration.Response, _ exchange: RESTExchange
    ) -> (contentType: String, template: Template)? {
        let accepted = MediaTypes.first(exchange.request.headers["accept"])
        return response.templates.first { $0.contentType == accepted }
            ?? response.templates.first { $0.contentType == "application/json" } ?? response.templates.first
    }
}

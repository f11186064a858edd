import Bytes
import HTTPClient
import HTTPTypes
import JSON

/// `MOCK` and `HTTP`: templates and mappings make request and answer.
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
                timeoutMilliseconds: method.timeoutMilliseconds))
        switch result {
        case .success(let response): return respond(mapping, to: response, exchange, context: body.context)
        case .failure(let failure): return .failure(failure)
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

    /// The integration response that fits the status, with its headers and body.
    private func respond(
        _ mapping: MappedIntegration, to answer: HTTPResponse, _ exchange: RESTExchange, context: JSONObject
    ) -> IntegrationResult {
        let status = String(answer.status)
        let chosen =
            mapping.responses.first { response in
                guard let pattern = response.selectionPattern else { return false }
                return RegularExpression(pattern)?.isWhole(status) == true
            } ?? mapping.responses.first { $0.selectionPattern == nil }
        guard let chosen else { return .failure(.configuration) }
        let body = (try? answer.body.readAll()) ?? []
        let values = MappingValues(
            exchange: exchange, context: context, response: (answer.headers.map { $0 }, body))
        var headers = HTTPHeaders()
        for (name, source) in chosen.headers {
            for value in values.values(source) where HeaderRules.isName(name) && HeaderRules.isValue(value) {
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
                if HeaderRules.isName(name), HeaderRules.isValue(text) { headers[name] = text }
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

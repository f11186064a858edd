import JSON

/// What methods of a REST API show of themselves in the words that all kinds share.
extension RESTMethod {
    var model: APIModel.Route {
        let target: APIModel.Target =
            switch integration {
            case .function(let name), .templatedFunction(let name, _): .function(name)
            case .httpProxy(let target), .http(let target, _): .url(target.uri)
            case .mock: .mock
            }
        var route = APIModel.Route(key: key, target: target, timeoutMilliseconds: timeoutMilliseconds)
        route.integrationType = integration.type
        route.authorizationType = authorizer == nil ? "NONE" : "CUSTOM"
        route.authorizer = authorizer
        route.isKeyRequired = apiKeyRequired
        route.validatesBody = validatesBody
        route.validatesParameters = validatesParameters
        if let operationName { route.methodDetails["operationName"] = .string(operationName) }
        if !requiredParameters.isEmpty {
            route.methodDetails["requestParameters"] = .object(
                JSONObject(requiredParameters.map { ($0.spelled("method"), true) }))
        }
        if !requestModels.isEmpty {
            route.methodDetails["requestModels"] = .object(JSONObject(sorted: requestModels))
        }
        describeIntegration(in: &route)
        return route
    }

    private func describeIntegration(in route: inout APIModel.Route) {
        if !cacheKeyParameters.isEmpty {
            route.integrationDetails["cacheKeyParameters"] = .array(
                cacheKeyParameters.map { .string($0.spelled("method")) })
        }
        switch integration {
        case .function: break
        case .httpProxy(let target): describe(target, in: &route)
        case .http(let target, let mapping):
            describe(target, in: &route)
            Self.describe(mapping, in: &route)
        case .mock(let mapping), .templatedFunction(_, let mapping): Self.describe(mapping, in: &route)
        }
    }

    private func describe(_ target: HTTPTarget, in route: inout APIModel.Route) {
        if let verb = target.httpMethod { route.integrationDetails["httpMethod"] = .string(verb) }
        guard !target.requestParameters.isEmpty else { return }
        route.integrationDetails["requestParameters"] = .object(
            JSONObject(
                target.requestParameters.map { ($0.target.spelled("integration"), .string($0.source.text)) }))
    }

    private static func describe(_ mapping: MappedIntegration, in route: inout APIModel.Route) {
        if !mapping.requestTemplates.isEmpty {
            route.integrationDetails["requestTemplates"] = .object(mapping.requestTemplates.document)
        }
        route.integrationDetails["passthroughBehavior"] = .string(mapping.passthrough.rawValue)
        route.responses = mapping.responses.map { response in
            var shown: JSONObject = ["statusCode": .string(String(response.statusCode))]
            if let pattern = response.selectionPattern { shown["selectionPattern"] = .string(pattern) }
            if !response.headers.isEmpty {
                shown["responseParameters"] = .object(
                    response.headers.document(prefix: "method.response.header."))
            }
            if !response.templates.isEmpty {
                shown["responseTemplates"] = .object(response.templates.document)
            }
            return shown
        }
    }
}

extension GatewayResponse {
    /// As GetGatewayResponse and OpenAPI documents show it.
    var document: JSONObject {
        var shown = JSONObject()
        if let statusCode { shown["statusCode"] = .string(String(statusCode)) }
        if !headers.isEmpty {
            shown["responseParameters"] = .object(headers.document(prefix: "gatewayresponse.header."))
        }
        if !templates.isEmpty { shown["responseTemplates"] = .object(templates.document) }
        return shown
    }
}

extension RESTMethod.Parameter {
    /// `method.request.header.x`, or with another first word.
    func spelled(_ first: String) -> String { "\(first).request.\(location.rawValue).\(name)" }
}

extension MappingSource {
    /// As it is written.
    var text: String {
        switch self {
        case .constant(let text): "'\(text)'"
        case .parameter(let parameter): parameter.spelled("method")
        case .allValues(let parameter):
            "method.request.multivalue"
                + "\(parameter.location == .header ? "header" : "querystring").\(parameter.name)"
        case .body(let path): "method.request.body" + path.dropFirst()
        case .context(let name): "context.\(name)"
        case .stageVariable(let name): "stageVariables.\(name)"
        case .responseHeader(let name): "integration.response.header.\(name)"
        case .responseBody(let path): "integration.response.body" + path.dropFirst()
        }
    }
}

extension [(contentType: String, template: Template)] {
    fileprivate var document: JSONObject {
        JSONObject(map { ($0.contentType, .string($0.template.source)) })
    }
}

extension [(name: String, source: MappingSource)] {
    fileprivate func document(prefix: String) -> JSONObject {
        JSONObject(map { (prefix + $0.name, .string($0.source.text)) })
    }
}

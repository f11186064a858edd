import JSON

extension WebSocketConfiguration {
    public var model: APIModel {
        var model = APIModel(kind: .webSocket, id: apiID, name: name)
        model.routeSelectionExpression = selection.text
        model.isEndpointDisabled = isEndpointDisabled
        model.routes = routes.map { route in
            var described = APIModel.Route(
                key: route.key, target: .function(route.function),
                timeoutMilliseconds: route.timeoutMilliseconds)
            described.authorizer = route.authorizer
            described.authorizationType = route.authorizer == nil ? "NONE" : "CUSTOM"
            described.hasResponse = route.hasResponse
            described.throttling = route.throttling
            return described
        }
        model.stages = stages.map { stage in
            var described = APIModel.Stage(name: stage.name)
            described.variables = stage.variables
            described.throttling = stage.throttling
            return described
        }
        model.authorizers = authorizers.map { authorizer in
            var described = APIModel.Authorizer(name: authorizer.name, type: "REQUEST")
            described.function = authorizer.function
            described.identitySource = authorizer.identitySource
            return described
        }
        return model
    }
}

extension CORSConfiguration {
    /// As GetApi shows it.
    public var document: JSONObject {
        func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
        var document = JSONObject()
        document.append("allowCredentials", .bool(allowCredentials))
        if !allowHeaders.isEmpty { document.append("allowHeaders", list(allowHeaders)) }
        if !allowMethods.isEmpty { document.append("allowMethods", list(allowMethods)) }
        if !allowOrigins.isEmpty { document.append("allowOrigins", list(allowOrigins)) }
        if !exposeHeaders.isEmpty { document.append("exposeHeaders", list(exposeHeaders)) }
        if let maxAge { document.append("maxAge", .number(JSONNumber(maxAge))) }
        return document
    }
}

extension IdentitySource {
    /// Without what stands in front of it, which each kind of API spells its own way.
    var text: String {
        switch self {
        case .header(let name): "header.\(name)"
        case .queryString(let name): "querystring.\(name)"
        case .context(let name): "context.\(name)"
        case .stageVariable(let name): "stageVariables.\(name)"
        }
    }

    /// As a whole: `$request.header.X` and `$context.X` in an HTTP API, `method.request.header.X` and `context.X` in a
    /// REST API.
    func spelled(requestPrefix: String, otherPrefix: String) -> String {
        switch self {
        case .header, .queryString: requestPrefix + text
        case .context, .stageVariable: otherPrefix + text
        }
    }
}

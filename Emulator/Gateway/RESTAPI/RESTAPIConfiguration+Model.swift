import JSON

extension RESTAPIConfiguration {
    /// The API in the words that all kinds share: for lists of routes, management calls and documents.
    public func model(name: String) -> APIModel {
        var model = APIModel(kind: .rest, id: apiID, name: name)
        model.routes = methods.map { route($0) }
        model.stages = stages.map { Self.stage($0) }
        model.authorizers = authorizers.sorted { $0.key < $1.key }.map { Self.authorizer($0.key, $0.value) }
        model.binaryMediaTypes = binaryMediaTypes
        model.apiKeys = apiKeys.map {
            ["id": .string($0.id), "name": .string($0.name), "enabled": .bool($0.enabled)]
        }
        model.usagePlans = usagePlans.map { plan($0) }
        return model
    }

    private func route(_ method: RESTMethod) -> APIModel.Route {
        let target: APIModel.Target =
            switch method.integration {
            case .function(let name), .templatedFunction(let name, _): .function(name)
            case .httpProxy(let target), .http(let target, _): .url(target.uri)
            case .mock: .mock
            }
        var route = APIModel.Route(
            key: method.key, target: target, timeoutMilliseconds: method.timeoutMilliseconds)
        route.integrationType = method.integration.type
        route.authorizationType = method.authorizer == nil ? "NONE" : "CUSTOM"
        route.authorizer = method.authorizer
        route.isKeyRequired = method.apiKeyRequired
        for parameter in method.requiredParameters {
            route.requestParameters["method.request.\(parameter.location.rawValue).\(parameter.name)"] = true
        }
        return route
    }

    private static func stage(_ stage: RESTStage) -> APIModel.Stage {
        var shown = APIModel.Stage(name: stage.name)
        for (name, value) in stage.variables { shown.variables[name] = value }
        shown.throttling = stage.throttling
        shown.more["cacheClusterEnabled"] = .bool(stage.cacheClusterEnabled)
        if let canary = stage.canary {
            shown.more["canarySettings"] = ["percentTraffic": .number(JSONNumber(canary.percentTraffic))]
        }
        return shown
    }

    private static func authorizer(_ name: String, _ authorizer: RESTAuthorizer) -> APIModel.Authorizer {
        var shown: APIModel.Authorizer
        switch authorizer.kind {
        case .token(let header, _):
            shown = APIModel.Authorizer(name: name, type: "TOKEN")
            shown.identitySource = ["method.request.header.\(header)"]
        case .request(let sources):
            shown = APIModel.Authorizer(name: name, type: "REQUEST")
            shown.identitySource = sources.map { Self.text($0) }
        }
        shown.function = authorizer.function
        shown.ttlSeconds = authorizer.ttlSeconds
        return shown
    }

    private static func text(_ source: IdentitySource) -> String {
        switch source {
        case .header(let name): "method.request.header.\(name)"
        case .queryString(let name): "method.request.querystring.\(name)"
        case .context(let name): "context.\(name)"
        case .stageVariable(let name): "stageVariables.\(name)"
        }
    }

    private func plan(_ plan: UsagePlan) -> JSONObject {
        var shown: JSONObject = [
            "id": .string(plan.id), "name": .string(plan.name),
            "apiStages": .array(plan.stages.map { ["apiId": .string(apiID), "stage": .string($0)] }),
        ]
        if let limits = plan.throttle {
            shown["throttle"] = [
                "rateLimit": .number(JSONNumber(limits.rateLimit)),
                "burstLimit": .number(JSONNumber(limits.burstLimit)),
            ]
        }
        if let quota = plan.quota {
            shown["quota"] = [
                "limit": .number(JSONNumber(quota.limit)), "offset": .number(JSONNumber(quota.offset)),
                "period": .string(quota.period.rawValue),
            ]
        }
        return shown
    }
}

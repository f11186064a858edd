import JSON

extension RESTAPIConfiguration {
    /// The API in the words that all kinds share: for lists of routes, management calls and documents.
    public func model(name: String) -> APIModel {
        var model = APIModel(kind: .rest, id: apiID, name: name)
        model.routes = methods.map(\.model)
        model.stages = stages.map { Self.stage($0) }
        model.authorizers = authorizers.sorted { $0.key < $1.key }.map { Self.authorizer($0.key, $0.value) }
        model.binaryMediaTypes = binaryMediaTypes
        model.models = models.sorted { $0.key < $1.key }.map { ($0.key, $0.value.document) }
        let changed = gatewayResponses.sorted { $0.key.rawValue < $1.key.rawValue }
        model.gatewayResponses = JSONObject(changed.map { ($0.key.rawValue, .object($0.value.document)) })
        model.takesKeysFromAuthorizer = takesKeysFromAuthorizer
        model.isEndpointDisabled = isEndpointDisabled
        model.apiKeys = apiKeys.map { key in
            let stages = usagePlans.filter { $0.keys.contains(key.id) }.flatMap(\.stages)
            return [
                "id": .string(key.id), "value": .string(key.value), "name": .string(key.name),
                "enabled": .bool(key.enabled),
                "stageKeys": .array(stages.map { .string("\(apiID)/\($0)") }),
            ]
        }
        model.usagePlans = usagePlans.map { plan($0) }
        return model
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
        case .token(let header, let pattern):
            shown = APIModel.Authorizer(name: name, type: "TOKEN")
            shown.identitySource = ["method.request.header.\(header)"]
            shown.validationExpression = pattern
        case .request(let sources):
            shown = APIModel.Authorizer(name: name, type: "REQUEST")
            shown.identitySource = sources.map {
                $0.spelled(requestPrefix: "method.request.", otherPrefix: "")
            }
        }
        shown.function = authorizer.function
        shown.ttlSeconds = authorizer.ttlSeconds
        return shown
    }

    private func plan(_ plan: UsagePlan) -> JSONObject {
        var shown: JSONObject = [
            "id": .string(plan.id), "name": .string(plan.name),
            "apiStages": .array(plan.stages.map { ["apiId": .string(apiID), "stage": .string($0)] }),
            "keys": .array(
                apiKeys.filter { plan.keys.contains($0.id) }.map { key in
                    [
                        "id": .string(key.id), "type": "API_KEY", "value": .string(key.value),
                        "name": .string(key.name),
                    ]
                }),
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

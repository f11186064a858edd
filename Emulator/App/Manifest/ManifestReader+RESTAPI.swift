import Gateway
import JSON

/// The manifest's `restApi`.
extension ManifestReader {
    func restAPI(
        functions: [String], accountID: String, region: String
    ) throws(ManifestError) -> RESTAPIConfiguration? {
        guard let api = root["restApi"] else { return nil }
        _ = try api.object(known: [
            "apiId", "stages", "routes", "binaryMediaTypes", "models", "gatewayResponses", "apiKeySource",
            "apiKeys", "usagePlans", "authorizers", "accessLog", "disableExecuteApiEndpoint",
        ])
        let models = try models(api["models"])
        let authorizers = try restAuthorizers(api["authorizers"], functions)
        var configuration = RESTAPIConfiguration(
            apiID: try Self.apiID(api["apiId"], default: "mumblerest"), accountID: accountID, region: region,
            stages: try restStages(api["stages"]),
            methods: try restMethods(
                api.required("routes"),
                RESTNames(
                    functions: functions, models: models.keys.sorted(), authorizers: authorizers.keys.sorted()
                ))
        )
        configuration.binaryMediaTypes = try api["binaryMediaTypes"]?.strings() ?? []
        configuration.models = models
        configuration.authorizers = authorizers
        configuration.gatewayResponses = try gatewayResponses(api["gatewayResponses"])
        if let source = api["apiKeySource"] {
            configuration.takesKeysFromAuthorizer =
                try source.choice(["HEADER", "AUTHORIZER"]) == "AUTHORIZER"
        }
        configuration.isEndpointDisabled = try api["disableExecuteApiEndpoint"]?.bool() ?? false
        configuration.apiKeys = try apiKeys(api["apiKeys"])
        configuration.usagePlans = try usagePlans(api["usagePlans"], configuration)
        return configuration
    }

    private func models(_ node: ManifestNode?) throws(ManifestError) -> [String: JSONSchema] {
        var models: [String: JSONSchema] = [:]
        for (name, node) in try node?.object() ?? [] {
            do throws(JSONSchemaError) {
                models[name] = try JSONSchema(node.value)
            } catch {
                throw node.failure("is no schema of JSON Schema draft 4: \(error).")
            }
        }
        return models
    }

    private func restAuthorizers(
        _ node: ManifestNode?, _ functions: [String]
    ) throws(ManifestError) -> [String: RESTAuthorizer] {
        var authorizers: [String: RESTAuthorizer] = [:]
        for (name, node) in try node?.object() ?? [] {
            _ = try node.object(known: [
                "type", "function", "identitySource", "identityValidationExpression",
                "authorizerResultTtlInSeconds",
            ])
            let function = try node.required("function")
            try Self.check(function, among: functions)
            let ttl = try node["authorizerResultTtlInSeconds"]?.integer(0...3_600, unit: "seconds") ?? 300
            let kind: RESTAuthorizer.Kind
            if try node.required("type").choice(["TOKEN", "REQUEST"]) == "TOKEN" {
                kind = try tokenKind(node)
            } else {
                kind = .request(try identitySources(node["identitySource"], isKept: ttl > 0, in: node))
            }
            authorizers[name] = RESTAuthorizer(kind: kind, function: try function.string(), ttlSeconds: ttl)
        }
        return authorizers
    }

    private func tokenKind(_ node: ManifestNode) throws(ManifestError) -> RESTAuthorizer.Kind {
        var header = "Authorization"
        if let source = node["identitySource"] {
            guard let parameter = RESTMethod.Parameter(try source.string()), parameter.location == .header
            else {
                throw source.failure("has to name a header, as \"method.request.header.Authorization\".")
            }
            header = parameter.name
        }
        let pattern = node["identityValidationExpression"]
        if let pattern { try Self.checkPattern(pattern) }
        return .token(header: header, pattern: try pattern?.string())
    }

    private func identitySources(
        _ node: ManifestNode?, isKept: Bool, in authorizer: ManifestNode
    ) throws(ManifestError) -> [IdentitySource] {
        var sources: [IdentitySource] = []
        for text in try node?.strings() ?? [] {
            guard let source = IdentitySource(text) else {
                throw (node ?? authorizer).failure(
                    "has '\(text)', which is no identity source; write for example "
                        + "\"method.request.header.Authorization\".")
            }
            sources.append(source)
        }
        guard !sources.isEmpty || !isKept else {
            throw authorizer.failure(
                "needs an identitySource, since its answers are kept; set authorizerResultTtlInSeconds to 0 to do without."
            )
        }
        return sources
    }

    static func checkPattern(_ node: ManifestNode) throws(ManifestError) {
        guard Template.isPattern(try node.string()) else {
            throw node.failure("is no regular expression that can be understood.")
        }
    }

    private func gatewayResponses(
        _ node: ManifestNode?
    ) throws(ManifestError) -> [GatewayResponseType: GatewayResponse] {
        var responses: [GatewayResponseType: GatewayResponse] = [:]
        let types = GatewayResponseType.allCases.map(\.rawValue)
        for (name, node) in try node?.object(known: types) ?? [] {
            guard let type = GatewayResponseType(rawValue: name) else { continue }
            _ = try node.object(known: ["statusCode", "responseParameters", "responseTemplates"])
            responses[type] = GatewayResponse(
                statusCode: try node["statusCode"]?.integer(200...599, unit: "HTTP status"),
                headers: try mappings(node["responseParameters"], prefix: "gatewayresponse.header."),
                templates: try templates(node["responseTemplates"]))
        }
        return responses
    }

    private func apiKeys(_ node: ManifestNode?) throws(ManifestError) -> [APIKey] {
        var keys: [APIKey] = []
        for node in try node?.list() ?? [] {
            _ = try node.object(known: ["id", "name", "value", "enabled"])
            let name = try node.required("name").string()
            let value = try node.required("value").string()
            guard (20...128).contains(value.utf8.count) else {
                throw try node.required("value").failure("has to have 20 to 128 characters, as at AWS.")
            }
            let key = APIKey(
                id: try node["id"]?.string() ?? name, name: name, value: value,
                enabled: try node["enabled"]?.bool() ?? true)
            guard !keys.contains(where: { $0.id == key.id || $0.value == key.value }) else {
                throw node.failure("has the id or the value of another key; give it its own.")
            }
            keys.append(key)
        }
        return keys
    }

    private func usagePlans(
        _ node: ManifestNode?, _ configuration: RESTAPIConfiguration
    ) throws(ManifestError) -> [UsagePlan] {
        var plans: [UsagePlan] = []
        let stages = configuration.stages.map(\.name)
        for node in try node?.list() ?? [] {
            _ = try node.object(known: [
                "id", "name", "apiKeys", "stages", "throttle", "methodThrottles", "quota",
            ])
            for key in try node["apiKeys"]?.list() ?? [] {
                try Self.check(key, among: configuration.apiKeys.map(\.id), "apiKeys")
            }
            for stage in try node["stages"]?.list() ?? [] { try Self.check(stage, among: stages, "stages") }
            let name = try node.required("name").string()
            var plan = UsagePlan(
                id: try node["id"]?.string() ?? name, name: name, keys: try node["apiKeys"]?.strings() ?? [],
                stages: try node["stages"]?.strings() ?? stages)
            plan.throttle = try throttling(node["throttle"])
            for (method, limits) in try node["methodThrottles"]?.object() ?? [] {
                guard Self.isMethodPath(method) else {
                    throw limits.failure("is no method of a stage; write \"prod:/pets/GET\".")
                }
                plan.methodThrottles[method] = try throttling(limits)
            }
            if let quota = node["quota"] { plan.quota = try self.quota(quota) }
            plans.append(plan)
        }
        return plans
    }

    private func quota(_ node: ManifestNode) throws(ManifestError) -> UsagePlan.Quota {
        _ = try node.object(known: ["limit", "period", "offset"])
        let period = try node.required("period").choice(UsagePlan.Quota.Period.allCases.map(\.rawValue))
        let limit = try node.required("limit").integer(1...Int(Int32.max), unit: "requests")
        return UsagePlan.Quota(
            limit: limit,
            offset: try node["offset"]?.integer(0...limit, unit: "requests") ?? 0,
            period: UsagePlan.Quota.Period(rawValue: period) ?? .day)
    }

    /// `prod:/pets/GET`.
    private static func isMethodPath(_ text: String) -> Bool {
        let parts = text.split(separator: ":", maxSplits: 1)
        return parts.count == 2 && parts[1].hasPrefix("/")
    }
}

/// What routes of a REST API may name.
struct RESTNames {
    let functions: [String]
    let models: [String]
    let authorizers: [String]
}

extension ManifestNode {
    /// One of several words.
    func choice(_ words: [String]) throws(ManifestError) -> String {
        let text = try string()
        guard words.contains(text) else {
            throw failure("has to be one of \(words.map { "\"\($0)\"" }.joined(separator: ", ")).")
        }
        return text
    }
}

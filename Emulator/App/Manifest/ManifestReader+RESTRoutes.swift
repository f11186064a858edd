import Gateway
import JSON

/// Routes and stages of the manifest's `restApi`.
extension ManifestReader {
    func restMethods(_ list: ManifestNode, _ names: RESTNames) throws(ManifestError) -> [RESTMethod] {
        var methods: [RESTMethod] = []
        for node in try list.list() {
            _ = try node.object(known: [
                "route", "function", "url", "integration", "operationName", "apiKeyRequired", "authorizer",
                "requestParameters", "requestModels", "requestValidator", "cacheKeyParameters",
                "timeoutMilliseconds", "canary",
            ])
            let route = try node.required("route")
            var method = RESTMethod(key: try route.string(), integration: try integration(node, names))
            guard method.key != "$default" else {
                throw route.failure("is for HTTP APIs only; write \"ANY /{proxy+}\".")
            }
            if let problem = RESTAPI.problem(of: methods + [method]) {
                throw route.failure("cannot be used: \(problem)")
            }
            method.operationName = try node["operationName"]?.string()
            method.apiKeyRequired = try node["apiKeyRequired"]?.bool() ?? false
            if let authorizer = node["authorizer"] {
                try Self.check(authorizer, among: names.authorizers, "authorizers")
                method.authorizer = try authorizer.string()
            }
            try readValidation(node, names, &method)
            for parameter in try node["cacheKeyParameters"]?.list() ?? [] {
                method.cacheKeyParameters.append(try self.parameter(parameter, parameter.string()))
            }
            method.timeoutMilliseconds =
                try node["timeoutMilliseconds"]?.integer(50...29_000, unit: "milliseconds") ?? 29_000
            method.canary = try canary(node["canary"])
            methods.append(method)
        }
        return methods
    }

    private func readValidation(
        _ node: ManifestNode, _ names: RESTNames, _ method: inout RESTMethod
    ) throws(ManifestError) {
        for (name, isRequired) in try node["requestParameters"]?.object() ?? [] {
            let parameter = try self.parameter(isRequired, name)
            if try isRequired.bool() { method.requiredParameters.append(parameter) }
        }
        for (type, model) in try node["requestModels"]?.object() ?? [] {
            try Self.check(model, among: names.models, "models")
            method.requestModels[type.lowercased()] = try model.string()
        }
        guard let validator = node["requestValidator"] else { return }
        _ = try validator.object(known: ["validateRequestBody", "validateRequestParameters"])
        method.validatesBody = try validator["validateRequestBody"]?.bool() ?? false
        method.validatesParameters = try validator["validateRequestParameters"]?.bool() ?? false
    }

    private func parameter(_ node: ManifestNode, _ text: String) throws(ManifestError) -> RESTMethod.Parameter
    {
        guard let parameter = RESTMethod.Parameter(text) else {
            throw node.failure(
                "names '\(text)', which is no parameter; write for example \"method.request.querystring.page\"."
            )
        }
        return parameter
    }

    private func integration(_ node: ManifestNode, _ names: RESTNames) throws(ManifestError)
        -> RESTIntegration
    {
        switch (node["function"], node["url"], node["integration"]) {
        case (let function?, nil, nil):
            try Self.check(function, among: names.functions)
            return .function(try function.string())
        case (nil, let url?, nil):
            return .httpProxy(try Self.target(url))
        case (nil, nil, let integration?): return try described(integration, names)
        default: throw node.failure("needs either a 'function', a 'url' or an 'integration'.")
        }
    }

    /// With its placeholders filled in, it has to be a URL.
    private static func target(_ node: ManifestNode) throws(ManifestError) -> HTTPTarget {
        guard let target = HTTPTarget(uri: try node.string()) else {
            throw node.failure(
                "is no http or https URL; write for example \"http://127.0.0.1:9000/{proxy}\".")
        }
        return target
    }

    private func described(_ node: ManifestNode, _ names: RESTNames) throws(ManifestError) -> RESTIntegration
    {
        _ = try node.object(known: [
            "type", "function", "uri", "httpMethod", "requestParameters", "requestTemplates",
            "passthroughBehavior",
            "integrationResponses",
        ])
        let type = try node.required("type").choice(["HTTP_PROXY", "HTTP", "MOCK", "AWS"])
        let idle = [
            "MOCK": ["function", "uri", "httpMethod"], "AWS": ["uri", "httpMethod", "requestParameters"],
        ]
        for field in idle[type] ?? ["function"] {
            if let member = node[field] {
                throw member.failure("does not belong to an integration of \(type).")
            }
        }
        if type == "MOCK" { return .mock(try mapped(node)) }
        if type == "AWS" {
            let function = try node.required("function")
            try Self.check(function, among: names.functions)
            return .templatedFunction(try function.string(), try mapped(node))
        }
        var target = try Self.target(node.required("uri"))
        let methods = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
        if let verb = try node["httpMethod"]?.choice(methods), verb != "ANY" { target.httpMethod = verb }
        for (name, value) in try node["requestParameters"]?.object() ?? [] {
            guard name.hasPrefix("integration."),
                let parameter = RESTMethod.Parameter("method." + name.dropFirst("integration.".count))
            else {
                throw value.failure(
                    "is no parameter of an integration; write \"integration.request.header.X-Name\".")
            }
            target.requestParameters.append((parameter, try source(value)))
        }
        return type == "HTTP_PROXY" ? .httpProxy(target) : .http(target, try mapped(node))
    }

    private func mapped(_ node: ManifestNode) throws(ManifestError) -> MappedIntegration {
        var responses: [MappedIntegration.Response] = []
        for response in try node["integrationResponses"]?.list() ?? [] {
            _ = try response.object(known: [
                "selectionPattern", "statusCode", "responseParameters", "responseTemplates",
            ])
            let pattern = response["selectionPattern"]
            if let pattern, pattern.value.string != "" { try Self.checkPattern(pattern) }
            let text = pattern?.value.string
            responses.append(
                MappedIntegration.Response(
                    selectionPattern: text == "" ? nil : text,
                    statusCode: try response.required("statusCode").integer(200...599, unit: "HTTP status"),
                    headers: try mappings(
                        response["responseParameters"], prefix: "method.response.header."),
                    templates: try templates(response["responseTemplates"])))
        }
        let words = MappedIntegration.Passthrough.allCases.map(\.rawValue)
        let passthrough = try node["passthroughBehavior"]?.choice(words) ?? words[0]
        return MappedIntegration(
            requestTemplates: try templates(node["requestTemplates"]),
            passthrough: MappedIntegration.Passthrough(rawValue: passthrough) ?? .whenNoMatch,
            responses: responses)
    }

    /// Header names behind a prefix, each with its source.
    func mappings(
        _ node: ManifestNode?, prefix: String
    ) throws(ManifestError) -> [(name: String, source: MappingSource)] {
        var mappings: [(name: String, source: MappingSource)] = []
        for (name, value) in try node?.object() ?? [] {
            guard name.hasPrefix(prefix), name.utf8.count > prefix.utf8.count else {
                throw value.failure("has to begin with '\(prefix)'.")
            }
            mappings.append((String(name.dropFirst(prefix.count)), try source(value)))
        }
        return mappings
    }

    private func source(_ node: ManifestNode) throws(ManifestError) -> MappingSource {
        guard let source = MappingSource(try node.string()) else {
            throw node.failure(
                "is no source of a value; write a text in single quotes, \"method.request.header.X\", "
                    + "\"context.requestId\" or \"stageVariables.name\".")
        }
        return source
    }

    func templates(
        _ node: ManifestNode?
    ) throws(ManifestError) -> [(contentType: String, template: Template)] {
        var templates: [(contentType: String, template: Template)] = []
        for (type, value) in try node?.object() ?? [] {
            guard let text = value.value.string else { throw value.failure("has to be a string.") }
            do throws(TemplateError) {
                templates.append((type.lowercased(), try Template(text)))
            } catch {
                throw value.failure("is no mapping template: \(error).")
            }
        }
        return templates
    }
}

extension ManifestReader {
    func restStages(_ node: ManifestNode?) throws(ManifestError) -> [RESTStage] {
        guard let node else { return [RESTStage(name: "prod")] }
        var stages: [RESTStage] = []
        for (name, node) in try node.object() {
            try Self.checkStageName(name, node)
            _ = try node.object(known: [
                "variables", "throttling", "cacheClusterEnabled", "methodSettings", "canary", "accessLog",
            ])
            var stage = RESTStage(name: name)
            stage.variables = try stageVariables(node["variables"])
            stage.throttling = try throttling(node["throttling"])
            stage.cacheClusterEnabled = try node["cacheClusterEnabled"]?.bool() ?? false
            for (method, settings) in try node["methodSettings"]?.object() ?? [] {
                guard method == "*/*" || method.hasPrefix("/") else {
                    throw settings.failure("is no method; write \"/pets/GET\", or \"*/*\" for all.")
                }
                stage.methodSettings[method] = try methodSettings(settings)
            }
            stage.canary = try canary(node["canary"])
            stages.append(stage)
        }
        guard !stages.isEmpty else { throw node.failure("names no stage; name one, or drop the field.") }
        return stages
    }

    /// By stage.
    func restAccessLogs() throws(ManifestError) -> [String: Manifest.AccessLogDeclaration] {
        guard let api = root["restApi"] else { return [:] }
        let usual = try accessLog(api["accessLog"])
        var logs: [String: Manifest.AccessLogDeclaration] = [:]
        guard let stages = api["stages"] else {
            logs["prod"] = usual
            return logs
        }
        for (name, node) in try stages.object() { logs[name] = try accessLog(node["accessLog"]) ?? usual }
        return logs
    }

    private func methodSettings(_ node: ManifestNode) throws(ManifestError) -> MethodSettings {
        _ = try node.object(known: [
            "throttling", "cachingEnabled", "cacheTtlInSeconds", "cacheDataEncrypted",
            "requireAuthorizationForCacheControl", "unauthorizedCacheControlHeaderStrategy",
        ])
        var settings = MethodSettings()
        settings.throttling = try throttling(node["throttling"])
        settings.cachingEnabled = try node["cachingEnabled"]?.bool()
        settings.cacheTTL = try node["cacheTtlInSeconds"]?.integer(0...3_600, unit: "seconds") ?? 300
        settings.cacheDataEncrypted = try node["cacheDataEncrypted"]?.bool() ?? false
        settings.requireAuthorizationForCacheControl =
            try node["requireAuthorizationForCacheControl"]?.bool() ?? true
        if let strategy = node["unauthorizedCacheControlHeaderStrategy"] {
            let words = MethodSettings.UnauthorizedStrategy.allCases.map(\.rawValue)
            settings.unauthorizedStrategy =
                MethodSettings.UnauthorizedStrategy(rawValue: try strategy.choice(words)) ?? .withHeader
        }
        return settings
    }

    private func canary(_ node: ManifestNode?) throws(ManifestError) -> CanarySettings? {
        guard let node else { return nil }
        _ = try node.object(known: ["legacyUrl", "percentTraffic", "sticky", "rehearsal", "ignoredPaths"])
        let url = try node.required("legacyUrl")
        let parts = try Self.url(url)
        guard parts.query.isEmpty, try !url.string().contains("#") else {
            throw url.failure("has a query or a fragment; requests bring their own behind its path.")
        }
        var settings = CanarySettings(legacyURL: parts)
        if let percent = node["percentTraffic"] {
            guard let number = percent.value.double, (0...100).contains(number) else {
                throw percent.failure("has to be a number from 0 to 100.")
            }
            settings.percentTraffic = number
        }
        if let sticky = node["sticky"] {
            guard let stickiness = CanarySettings.Stickiness(try sticky.string()) else {
                throw sticky.failure(
                    "has to be \"cookie\", \"sourceIp\" or a place such as \"method.request.header.X-User\".")
            }
            settings.stickiness = stickiness
        }
        settings.rehearsal = try node["rehearsal"]?.bool() ?? false
        settings.ignoredPaths = try node["ignoredPaths"]?.strings() ?? []
        return settings
    }
}

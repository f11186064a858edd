import Gateway

/// The manifest's `webSocketApi`.
extension ManifestReader {
    func webSocketAPI(
        _ functions: [Manifest.Function], region: String, accountID: String, service: String
    ) throws(ManifestError) -> WebSocketConfiguration? {
        guard let api = root["webSocketApi"] else { return nil }
        _ = try api.object(known: [
            "apiId", "routeSelectionExpression", "stages", "authorizers", "routes", "limits",
            "disableExecuteApiEndpoint", "accessLog",
        ])
        let names = functions.map(\.name)
        let authorizers = try webSocketAuthorizers(api["authorizers"], names)
        var configuration = WebSocketConfiguration(
            apiID: try Self.apiID(api["apiId"], default: "mumblews"), name: service, accountID: accountID,
            region: region, selection: try selection(api["routeSelectionExpression"]),
            routes: try webSocketRoutes(api, names, authorizers.map(\.name)),
            stages: try webSocketStages(api["stages"]), authorizers: authorizers,
            limits: try webSocketLimits(api["limits"]))
        configuration.isEndpointDisabled = try api["disableExecuteApiEndpoint"]?.bool() ?? false
        return configuration
    }

    /// By stage; that of the API where a stage has none of its own.
    func webSocketLogs(
        _ api: ManifestNode?
    ) throws(ManifestError) -> [String: Manifest.AccessLogDeclaration] {
        guard let api else { return [:] }
        let usual = try accessLog(api["accessLog"])
        var logs: [String: Manifest.AccessLogDeclaration] = [:]
        for stage in try webSocketStages(api["stages"]) {
            logs[stage.name] = try accessLog(api["stages"]?[stage.name]?["accessLog"]) ?? usual
        }
        return logs
    }

    private func selection(_ node: ManifestNode?) throws(ManifestError) -> RouteSelection {
        let text = try node?.string() ?? "$request.body.action"
        do {
            return try RouteSelection(text)
        } catch {
            throw (node ?? root).failure("cannot be used: \(error)")
        }
    }

    private func webSocketRoutes(
        _ api: ManifestNode, _ functions: [String], _ authorizers: [String]
    ) throws(ManifestError) -> [WebSocketConfiguration.Route] {
        var routes: [WebSocketConfiguration.Route] = []
        for node in try api.required("routes").list() {
            _ = try node.object(known: [
                "route", "function", "authorizer", "routeResponseSelectionExpression", "timeoutMilliseconds",
                "throttling",
            ])
            let key = try node.required("route")
            let name = try key.string()
            if routes.contains(where: { $0.key == name }) {
                throw key.failure("stands twice, as '\(name)'; remove one of the two.")
            }
            if name.hasPrefix("$"), !["$connect", "$disconnect", "$default"].contains(name) {
                throw key.failure("is no route: only $connect, $disconnect and $default begin with '$'.")
            }
            try Self.check(try node.required("function"), among: functions)
            if let authorizer = node["authorizer"] {
                guard name == "$connect" else {
                    throw authorizer.failure("can stand at $connect only; move it there.")
                }
                try Self.check(authorizer, among: authorizers, "authorizers")
            }
            routes.append(
                WebSocketConfiguration.Route(
                    key: name, function: try node.required("function").string(),
                    authorizer: try node["authorizer"]?.string(), hasResponse: try hasResponse(node),
                    timeoutMilliseconds: try node["timeoutMilliseconds"]?
                        .integer(50...29_000, unit: "milliseconds") ?? 29_000,
                    throttling: try throttling(node["throttling"])))
        }
        return routes
    }

    private func hasResponse(_ route: ManifestNode) throws(ManifestError) -> Bool {
        guard let node = route["routeResponseSelectionExpression"] else { return false }
        guard try node.string() == "$default" else {
            throw node.failure(
                "has to be \"$default\", the only one there is; without it nothing is sent back.")
        }
        return true
    }

    private func webSocketStages(
        _ node: ManifestNode?
    ) throws(ManifestError) -> [WebSocketConfiguration.Stage] {
        guard let node else { return [WebSocketConfiguration.Stage(name: "dev")] }
        var stages: [WebSocketConfiguration.Stage] = []
        for (name, stage) in try node.object() {
            try Self.checkStageName(name, stage)
            _ = try stage.object(known: ["variables", "throttling", "accessLog"])
            stages.append(
                WebSocketConfiguration.Stage(
                    name: name,
                    variables: Dictionary(
                        try stageVariables(stage["variables"]).map { ($0.name, $0.value) },
                        uniquingKeysWith: { _, last in last }),
                    throttling: try throttling(stage["throttling"])))
        }
        guard !stages.isEmpty else { throw node.failure("has no stage; add one, as \"dev\": {}.") }
        return stages
    }

    private func webSocketAuthorizers(
        _ node: ManifestNode?, _ functions: [String]
    ) throws(ManifestError) -> [WebSocketConfiguration.Authorizer] {
        var authorizers: [WebSocketConfiguration.Authorizer] = []
        for (name, authorizer) in try node?.object() ?? [] {
            _ = try authorizer.object(known: ["function", "identitySource"])
            try Self.check(try authorizer.required("function"), among: functions)
            var sources: [String] = []
            for source in try authorizer["identitySource"]?.list() ?? [] {
                let text = try source.string()
                guard IdentitySource(text) != nil else {
                    throw source.failure(
                        "is no identity source; write for example route.request.header.Auth.")
                }
                sources.append(text)
            }
            authorizers.append(
                WebSocketConfiguration.Authorizer(
                    name: name, function: try authorizer.required("function").string(),
                    identitySource: sources))
        }
        return authorizers
    }

    private func webSocketLimits(_ node: ManifestNode?) throws(ManifestError) -> WebSocketConfiguration.Limits
    {
        var limits = WebSocketConfiguration.Limits()
        guard let node else { return limits }
        _ = try node.object(known: ["idleSeconds", "totalSeconds", "newConnections"])
        limits.idleSeconds = try node["idleSeconds"]?.integer(1...600, unit: "seconds") ?? limits.idleSeconds
        limits.totalSeconds =
            try node["totalSeconds"]?.integer(1...7_200, unit: "seconds") ?? limits.totalSeconds
        limits.newConnections = try throttling(node["newConnections"]) ?? limits.newConnections
        return limits
    }
}

import Gateway
import HTTPClient

/// The manifest's `httpApi`.
extension ManifestReader {
    /// nil when there is none.
    func httpAPI(_ functions: [String]) throws(ManifestError) -> Manifest.HTTPAPIDeclaration? {
        guard let api = root["httpApi"] else { return nil }
        _ = try api.object(known: [
            "apiId", "cors", "stages", "authorizers", "routes", "accessLog", "defaultThrottling",
            "disableExecuteApiEndpoint",
        ])
        var declaration = Manifest.HTTPAPIDeclaration()
        declaration.id = try Self.apiID(api["apiId"], default: declaration.id)
        declaration.cors = try cors(api["cors"])
        declaration.authorizers = try authorizers(api["authorizers"], functions)
        declaration.routes = try routes(api, functions, declaration.authorizers)
        declaration.stages = try stages(api, declaration.routes)
        declaration.isEndpointDisabled = try api["disableExecuteApiEndpoint"]?.bool() ?? false
        try checkNames(api, declaration, functions)
        return declaration
    }

    /// What stands in front of `.execute-api` in host names.
    static func apiID(_ node: ManifestNode?, default usual: String) throws(ManifestError) -> String {
        guard let node else { return usual }
        let id = try node.string()
        guard id.utf8.count <= 63, id.allSatisfy({ $0.isASCIIDigit || ("a"..."z").contains($0) }) else {
            throw node.failure("is not an API's id: write small letters and digits, as \"a1b2c3d4e5\".")
        }
        return id
    }

    private func routes(
        _ api: ManifestNode, _ functions: [String], _ authorizers: [String: HTTPAPIAuthorizer]
    ) throws(ManifestError) -> [HTTPAPIRoute] {
        var table: RouteTable
        do { table = try RouteTable(routes: []) } catch { throw api.failure("\(error)") }
        for node in try api.required("routes").list() {
            _ = try node.object(known: [
                "route", "function", "url", "authorizer", "scopes", "payloadFormat", "timeoutMilliseconds",
                "throttling", "requestParameters", "responseParameters",
            ])
            let settings = try settings(node, authorizers)
            let function = settings?.url == nil ? try function(node.required("function"), functions) : ""
            let key = try node.required("route")
            let route = HTTPAPIRoute(key: try key.string(), function: function, settings: settings)
            do { try table.add(route) } catch { throw key.failure("cannot be used: \(error)") }
        }
        return table.routes
    }

    private func function(_ node: ManifestNode, _ functions: [String]) throws(ManifestError) -> String {
        let name = try node.string()
        if !FunctionName.hasVariables(name) { try Self.check(node, among: functions) }
        return name
    }

    /// A function's name with stage variables in it has to be one on each stage.
    private func checkNames(
        _ api: ManifestNode, _ declaration: Manifest.HTTPAPIDeclaration, _ functions: [String]
    ) throws(ManifestError) {
        for node in try api.required("routes").list() {
            guard let function = node["function"], FunctionName.hasVariables(try function.string()) else {
                continue
            }
            for (stage, _) in declaration.stages {
                guard let name = FunctionName.resolve(try function.string(), stage.variables) else {
                    throw function.failure(
                        "names a variable that the stage '\(stage.name)' lacks; add it to its 'variables'.")
                }
                guard functions.contains(name) else {
                    throw function.failure(
                        "is '\(name)' on the stage '\(stage.name)', which is no name under 'functions'.")
                }
            }
        }
    }

    /// nil for a route that has nothing but its key and its function.
    private func settings(
        _ node: ManifestNode, _ authorizers: [String: HTTPAPIAuthorizer]
    ) throws(ManifestError) -> RouteSettings? {
        guard try node.object().contains(where: { $0.name != "route" && $0.name != "function" }) else {
            return nil
        }
        if let url = node["url"] {
            guard node["function"] == nil else {
                throw url.failure("stands beside a 'function'; drop one.")
            }
            _ = try backendURL(url)
        }
        if let name = node["authorizer"] {
            try Self.check(name, among: authorizers.keys.sorted(), "authorizers")
        }
        let name = try node["authorizer"]?.string()
        if let scopes = node["scopes"] {
            guard let name, case .jwt? = authorizers[name] else {
                throw scopes.failure(
                    "needs an 'authorizer' of type \"jwt\" beside it: only tokens have scopes.")
            }
        }
        return RouteSettings(
            url: try node["url"]?.string(), authorizer: name, scopes: try node["scopes"]?.strings() ?? [],
            payloadFormat: try payloadFormat(node["payloadFormat"]),
            timeoutMilliseconds: try node["timeoutMilliseconds"]?.integer(50...30_000, unit: "milliseconds"),
            throttling: try throttling(node["throttling"]),
            requestParameters: try mapping(node["requestParameters"], ofResponse: false),
            responseParameters: try responseMappings(node["responseParameters"]))
    }

    /// Whatever its variables stand for, the rest has to make a URL.
    private func backendURL(_ node: ManifestNode) throws(ManifestError) -> String {
        let url = try node.string()
        guard HTTPProxyTarget(url) != nil else {
            throw node.failure("is not a URL; write for example \"http://127.0.0.1:8080/{proxy}\".")
        }
        return url
    }

    func payloadFormat(_ node: ManifestNode?) throws(ManifestError) -> RouteSettings.PayloadFormat {
        guard let node else { return .v2 }
        guard let format = RouteSettings.PayloadFormat(rawValue: try node.string()) else {
            throw node.failure("is no payload format; write \"1.0\" or \"2.0\".")
        }
        return format
    }

    private func responseMappings(_ node: ManifestNode?) throws(ManifestError) -> [Int: ParameterMapping] {
        var mappings: [Int: ParameterMapping] = [:]
        for (status, member) in try node?.object() ?? [] {
            guard let code = Int(status), (200...599).contains(code) else {
                throw member.failure("is no status code; write one from 200 to 599.")
            }
            mappings[code] = try mapping(member, ofResponse: true)
        }
        return mappings
    }

    private func mapping(
        _ node: ManifestNode?, ofResponse: Bool
    ) throws(ManifestError) -> ParameterMapping? {
        guard let node else { return nil }
        var entries: [(key: String, value: String)] = []
        for (key, member) in try node.object() {
            guard let text = member.value.string else { throw member.failure("has to be a string.") }
            entries.append((key, text))
        }
        do { return try ParameterMapping(entries, ofResponse: ofResponse) } catch {
            throw node.failure("cannot be used: \(error)")
        }
    }

    private func cors(_ node: ManifestNode?) throws(ManifestError) -> CORSConfiguration? {
        guard let node else { return nil }
        _ = try node.object(known: [
            "allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders", "maxAge", "allowCredentials",
        ])
        let origins = try node["allowOrigins"]?.strings() ?? []
        let credentials = try node["allowCredentials"]?.bool() ?? false
        if credentials && origins.contains("*") {
            throw node.failure(
                "allows credentials for every origin, which AWS refuses; list the origins or drop allowCredentials."
            )
        }
        return CORSConfiguration(
            allowOrigins: origins,
            allowMethods: try node["allowMethods"]?.strings() ?? [],
            allowHeaders: try node["allowHeaders"]?.strings() ?? [],
            exposeHeaders: try node["exposeHeaders"]?.strings() ?? [],
            maxAge: try node["maxAge"]?.integer(-1...86_400, unit: "seconds"),
            allowCredentials: credentials)
    }
}

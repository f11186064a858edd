import Gateway
import HTTPClient
import Net

/// Authorizers of an HTTP API.
extension ManifestReader {
    func authorizers(
        _ node: ManifestNode?, _ functions: [String]
    ) throws(ManifestError) -> [String: HTTPAPIAuthorizer] {
        var authorizers: [String: HTTPAPIAuthorizer] = [:]
        for (name, member) in try node?.object() ?? [] {
            let type = try member.required("type")
            switch try type.string() {
            case "jwt": authorizers[name] = .jwt(try jwtAuthorizer(member))
            case "lambda": authorizers[name] = try lambdaAuthorizer(member, functions)
            default: throw type.failure("is no type of authorizer; write \"jwt\" or \"lambda\".")
            }
        }
        return authorizers
    }

    private func jwtAuthorizer(_ node: ManifestNode) throws(ManifestError) -> JWTAuthorizer.Settings {
        _ = try node.object(known: ["type", "identitySource", "issuer", "audience", "jwksUri", "jwksFile"])
        let sources = try identitySources(node["identitySource"])
        guard sources.count <= 1 else {
            throw (node["identitySource"] ?? node).failure("may name one place only: a token is in one.")
        }
        let audience = try node.required("audience")
        var settings = JWTAuthorizer.Settings(
            issuer: try node.required("issuer").string(), audience: try audience.strings())
        guard !settings.audience.isEmpty else {
            throw audience.failure("is empty; name an audience of tokens.")
        }
        switch sources.first {
        case .header?, .queryString?: settings.identitySource = sources[0]
        case nil: break
        default:
            throw (node["identitySource"] ?? node).failure(
                "cannot hold a token; write \"$request.header.NAME\" or \"$request.querystring.NAME\".")
        }
        if let url = node["jwksUri"] {
            settings.keyURL = try url.string()
            guard URLParts(try url.string()) != nil else { throw url.failure("is no http or https URL.") }
        }
        if let file = node["jwksFile"] {
            let path = inManifestFolder(try file.string())
            guard Files.exists(path) else { throw file.failure("names \(path), which does not exist.") }
            settings.keyFile = path
        }
        let needsDiscovery = settings.keyURL == nil && settings.keyFile == nil
        if needsDiscovery, URLParts(settings.issuer) == nil {
            throw try node.required("issuer").failure(
                "is no http or https URL, so its keys cannot be found; write one, or name 'jwksFile' or 'jwksUri'."
            )
        }
        return settings
    }

    private func lambdaAuthorizer(
        _ node: ManifestNode, _ functions: [String]
    ) throws(ManifestError) -> HTTPAPIAuthorizer {
        _ = try node.object(known: [
            "type", "function", "identitySource", "payloadFormat", "enableSimpleResponses",
            "resultTtlSeconds",
        ])
        let function = try node.required("function")
        try Self.check(function, among: functions)
        let sources = try identitySources(node["identitySource"])
        let format = try payloadFormat(node["payloadFormat"])
        let isSimple = try node["enableSimpleResponses"]?.bool() ?? false
        if isSimple, format == .v1, let flag = node["enableSimpleResponses"] {
            throw flag.failure(
                "needs payload format \"2.0\"; with \"1.0\" the function answers with a policy.")
        }
        let lifetime = try node["resultTtlSeconds"]?.integer(0...3_600, unit: "seconds") ?? 0
        if lifetime > 0, sources.isEmpty, let field = node["resultTtlSeconds"] {
            throw field.failure("needs an 'identitySource': answers are kept by the values found there.")
        }
        return .lambda(
            .init(
                function: try function.string(), ttlSeconds: lifetime, acceptsSimple: isSimple,
                wantsScalars: format == .v1),
            sources, format)
    }

    /// One or a list.
    func identitySources(_ node: ManifestNode?) throws(ManifestError) -> [IdentitySource] {
        guard let node else { return [] }
        var sources: [IdentitySource] = []
        for member in node.value.array == nil ? [node] : try node.list() {
            guard let source = IdentitySource(try member.string()) else {
                throw member.failure(
                    "is no identity source; write \"$request.header.NAME\", \"$request.querystring.NAME\", "
                        + "\"$context.NAME\" or \"$stageVariables.NAME\".")
            }
            sources.append(source)
        }
        return sources
    }

    /// A path of the manifest, relative to its folder unless it begins at the root.
    func inManifestFolder(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        let folder = root.file.lastIndex(of: "/").map { String(root.file[..<$0]) } ?? "."
        return "\(folder)/\(path)"
    }
}

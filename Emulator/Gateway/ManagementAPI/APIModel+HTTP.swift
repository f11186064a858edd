import JSON

extension HTTPAPIConfiguration {
    /// - Parameter name: the service's.
    public func model(name: String) -> APIModel {
        var model = APIModel(kind: .http, id: apiID, name: name)
        model.cors = cors?.document
        model.isEndpointDisabled = isEndpointDisabled
        model.routes = routes.map(route)
        model.stages = stages.map { stage in
            var described = APIModel.Stage(name: stage.name)
            described.variables = stage.variables
            described.throttling = stage.throttling
            described.routeThrottling = stage.routeThrottling
            return described
        }
        model.authorizers = authorizers.sorted { $0.key < $1.key }.map { Self.authorizer($0.key, $0.value) }
        return model
    }

    private func route(_ route: HTTPAPIRoute) -> APIModel.Route {
        let settings = route.settings
        var described = APIModel.Route(
            key: route.key,
            target: settings?.url.map { APIModel.Target.url($0) } ?? .function(route.function),
            timeoutMilliseconds: settings?.timeoutMilliseconds ?? integrationTimeoutMilliseconds)
        described.payloadFormat = settings?.url == nil ? settings?.payloadFormat.rawValue ?? "2.0" : "1.0"
        described.scopes = settings?.scopes ?? []
        described.throttling = settings?.throttling
        if let mapping = settings?.requestParameters {
            described.integrationDetails["requestParameters"] = .object(mapping.entries)
        }
        if let mappings = settings?.responseParameters, !mappings.isEmpty {
            let sorted = mappings.sorted { $0.key < $1.key }
            described.integrationDetails["responseParameters"] = .object(
                JSONObject(sorted.map { (String($0.key), .object($0.value.entries)) }))
        }
        guard let name = settings?.authorizer else { return described }
        described.authorizer = name
        described.authorizationType = "CUSTOM"
        if case .jwt? = authorizers[name] { described.authorizationType = "JWT" }
        return described
    }

    private static func authorizer(_ name: String, _ authorizer: HTTPAPIAuthorizer) -> APIModel.Authorizer {
        switch authorizer {
        case .jwt(let settings):
            var described = APIModel.Authorizer(name: name, type: "JWT")
            described.identitySource = [
                settings.identitySource.spelled(requestPrefix: "$request.", otherPrefix: "$")
            ]
            described.issuer = settings.issuer
            described.audience = settings.audience
            return described
        case .lambda(let settings, let sources, let format):
            var described = APIModel.Authorizer(name: name, type: "REQUEST")
            described.function = settings.function
            described.identitySource = sources.map {
                $0.spelled(requestPrefix: "$request.", otherPrefix: "$")
            }
            described.ttlSeconds = settings.ttlSeconds
            described.payloadFormat = format.rawValue
            described.hasSimpleResponses = settings.acceptsSimple
            return described
        }
    }
}

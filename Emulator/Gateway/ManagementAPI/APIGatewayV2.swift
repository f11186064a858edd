import Clock
import JSON

/// What `apigatewayv2` says of HTTP and WebSocket APIs.
struct APIGatewayV2: Sendable {
    let names: AWSNames
    /// When the APIs came to be: the emulator's start.
    let created: Timestamp

    func resources(_ models: [APIModel]) -> ManagedResource {
        var apis = ManagedCollection("API")
        apis.items = models.filter { $0.kind != .rest }.map { ($0.id, api($0)) }
        var root = ManagedResource()
        root.collections["apis"] = apis
        root.collections["domainnames"] = ManagedCollection("domain name")
        root.collections["vpclinks"] = ManagedCollection("VpcLink")
        return root
    }

    private func api(_ model: APIModel) -> ManagedResource {
        let isWebSocket = model.kind == .webSocket
        var document = JSONObject()
        document.append(
            "apiEndpoint",
            .string(
                "\(isWebSocket ? "wss" : "https")://\(model.id).execute-api.\(names.region).amazonaws.com"))
        document.append("apiGatewayManaged", false)
        document.append("apiId", .string(model.id))
        document.append("apiKeySelectionExpression", "$request.header.x-api-key")
        if let cors = model.cors { document.append("corsConfiguration", .object(cors)) }
        document.append("createdDate", .string(created.iso8601Seconds))
        document.append("disableExecuteApiEndpoint", .bool(model.isEndpointDisabled))
        document.append("ipAddressType", "ipv4")
        document.append("name", .string(model.name))
        document.append("protocolType", .string(model.kind.rawValue))
        document.append(
            "routeSelectionExpression",
            .string(model.routeSelectionExpression ?? "$request.method $request.path"))
        document.append("tags", .object(JSONObject()))
        var api = ManagedResource(document)
        let authorizers = model.authorizers.map { authorizer($0, of: model) }
        api.collections["authorizers"] = ManagedCollection("Authorizer", authorizers, id: "authorizerId")
        api.collections["deployments"] = ManagedCollection(
            "Deployment", [deployment(model)], id: "deploymentId")
        api.collections["integrations"] = integrations(model)
        api.collections["models"] = ManagedCollection("Model")
        api.collections["routes"] = routes(model)
        let stages = model.stages.map { stage($0, of: model) }
        api.collections["stages"] = ManagedCollection("Stage", stages, id: "stageName")
        if !isWebSocket {
            let export = OpenAPIExport(region: names.region, accountID: names.accountID)
            var exports = ManagedCollection("Specification", isListed: false)
            exports.items = [("OAS30", ManagedResource(export.document(model, version: "3.0.1")))]
            api.collections["exports"] = exports
        }
        return api
    }

    // MARK: - Routes and what is behind them

    private func routes(_ model: APIModel) -> ManagedCollection {
        var routes = ManagedCollection("Route")
        for route in model.routes {
            let id = StableIdentifier.make(model.id, "route", route.key)
            var document = JSONObject()
            document.append("apiGatewayManaged", false)
            document.append("apiKeyRequired", .bool(route.isKeyRequired))
            if !route.scopes.isEmpty {
                document.append("authorizationScopes", .array(route.scopes.map { .string($0) }))
            }
            document.append("authorizationType", .string(route.authorizationType))
            if let name = route.authorizer {
                document.append("authorizerId", .string(names.authorizerID(name, of: model)))
            }
            document.append("routeId", .string(id))
            document.append("routeKey", .string(route.key))
            if route.hasResponse { document.append("routeResponseSelectionExpression", "$default") }
            document.append("target", .string("integrations/\(integrationID(route, of: model))"))
            var resource = ManagedResource(document)
            var responses = ManagedCollection("RouteResponse")
            if route.hasResponse {
                let response: JSONObject = [
                    "routeResponseId": .string(StableIdentifier.make(id, "response")),
                    "routeResponseKey": "$default",
                ]
                responses = ManagedCollection("RouteResponse", [response], id: "routeResponseId")
            }
            resource.collections["routeresponses"] = responses
            routes.items.append((id, resource))
        }
        return routes
    }

    /// Routes that differ in nothing of their integration share one, as the console makes them.
    private func integrationID(_ route: APIModel.Route, of model: APIModel) -> String {
        StableIdentifier.make(
            model.id, "integration", route.target.text, "\(route.timeoutMilliseconds)",
            route.payloadFormat ?? "", route.integrationDetails.isEmpty ? "" : route.key)
    }

    private func integrations(_ model: APIModel) -> ManagedCollection {
        var integrations = ManagedCollection("Integration")
        for route in model.routes {
            let id = integrationID(route, of: model)
            guard integrations.resource(id) == nil else { continue }
            var document = JSONObject()
            document.append("apiGatewayManaged", false)
            document.append("connectionType", "INTERNET")
            document.append("integrationId", .string(id))
            switch route.target {
            case .function(let name):
                document.append("integrationMethod", "POST")
                document.append("integrationType", "AWS_PROXY")
                document.append("integrationUri", .string(functionURI(name, of: model)))
            case .url(let url):
                document.append("integrationMethod", "ANY")
                document.append("integrationType", "HTTP_PROXY")
                document.append("integrationUri", .string(url))
            case .mock: document.append("integrationType", "MOCK")
            }
            if let format = route.payloadFormat { document.append("payloadFormatVersion", .string(format)) }
            if model.kind == .webSocket { document.append("passthroughBehavior", "WHEN_NO_MATCH") }
            for (name, value) in route.integrationDetails { document[name] = value }
            document.append("timeoutInMillis", .number(JSONNumber(route.timeoutMilliseconds)))
            var resource = ManagedResource(document)
            resource.collections["integrationresponses"] = ManagedCollection("IntegrationResponse")
            integrations.items.append((id, resource))
        }
        return integrations
    }

    /// HTTP APIs name the function, WebSocket APIs the call of Lambda's.
    private func functionURI(_ name: String, of model: APIModel) -> String {
        model.kind == .http ? names.function(name) : names.invocation(of: name)
    }

    // MARK: - Authorizers, stages, deployments

    private func authorizer(_ authorizer: APIModel.Authorizer, of model: APIModel) -> JSONObject {
        var document = JSONObject()
        document.append("authorizerId", .string(names.authorizerID(authorizer.name, of: model)))
        if let format = authorizer.payloadFormat {
            document.append("authorizerPayloadFormatVersion", .string(format))
        }
        if let ttl = authorizer.ttlSeconds {
            document.append("authorizerResultTtlInSeconds", .number(JSONNumber(ttl)))
        }
        document.append("authorizerType", .string(authorizer.type == "JWT" ? "JWT" : "REQUEST"))
        if let function = authorizer.function {
            document.append("authorizerUri", .string(names.invocation(of: function)))
        }
        if authorizer.hasSimpleResponses { document.append("enableSimpleResponses", true) }
        document.append("identitySource", .array(authorizer.identitySource.map { .string($0) }))
        if let issuer = authorizer.issuer {
            document.append(
                "jwtConfiguration",
                [
                    "audience": .array(authorizer.audience.map { .string($0) }), "issuer": .string(issuer),
                ])
        }
        document.append("name", .string(authorizer.name))
        return document
    }

    private func stage(_ stage: APIModel.Stage, of model: APIModel) -> JSONObject {
        var document = JSONObject()
        if let format = stage.accessLogFormat {
            document.append("accessLogSettings", ["format": .string(format)])
        }
        document.append("apiGatewayManaged", false)
        document.append("autoDeploy", true)
        document.append("createdDate", .string(created.iso8601Seconds))
        var usual = JSONObject()
        usual.append("detailedMetricsEnabled", false)
        if let throttling = stage.throttling { usual = usual.adding(throttling) }
        document.append("defaultRouteSettings", .object(usual))
        document.append("deploymentId", .string(names.deploymentID(model)))
        document.append("lastUpdatedDate", .string(created.iso8601Seconds))
        var settings = JSONObject()
        for route in model.routes {
            if let throttling = stage.routeThrottling[route.key] ?? route.throttling {
                settings[route.key] = .object(JSONObject().adding(throttling))
            }
        }
        document.append("routeSettings", .object(settings))
        document.append("stageName", .string(stage.name))
        document.append("stageVariables", .object(JSONObject(sorted: stage.variables)))
        document.append("tags", .object(JSONObject()))
        return document
    }

    /// The manifest is deployed as a whole.
    private func deployment(_ model: APIModel) -> JSONObject {
        [
            "autoDeployed": true, "createdDate": .string(created.iso8601Seconds),
            "deploymentId": .string(names.deploymentID(model)),
            "deploymentStatus": "DEPLOYED",
        ]
    }
}

extension JSONObject {
    fileprivate func adding(_ throttling: ThrottlingLimits) -> JSONObject {
        var object = self
        object["throttlingBurstLimit"] = .number(JSONNumber(throttling.burstLimit))
        object["throttlingRateLimit"] = .number(JSONNumber(throttling.rateLimit))
        return object
    }
}

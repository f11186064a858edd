import JSON

/// The WebSocket API.
extension StackBuilder {
    mutating func addWebSocketAPI() throws(Undeployable) {
        guard let api = manifest["webSocketApi"] else { return }
        var own: JSONObject = [
            "Name": .string("\(names.service)-\(names.stage)-websocket"), "ProtocolType": "WEBSOCKET",
            "RouteSelectionExpression": api["routeSelectionExpression"] ?? "$request.body.action",
        ]
        own["DisableExecuteApiEndpoint"] = api["disableExecuteApiEndpoint"]
        add("WebSocketApi", "AWS::ApiGatewayV2::Api", own)
        var functions: [String] = []
        for (name, authorizer) in api["authorizers"]?.object ?? [:] {
            guard let function = authorizer["function"]?.string else { continue }
            functions.append(function)
            var properties: JSONObject = [
                "ApiId": .ref("WebSocketApi"), "Name": .string(name), "AuthorizerType": "REQUEST",
                "AuthorizerUri": Self.invocation(of: function),
            ]
            properties["IdentitySource"] = authorizer["identitySource"]
            add(
                try identifier(
                    "Authorizer", name, of: "WebSocketApi", at: ["webSocketApi", "authorizers", name]),
                "AWS::ApiGatewayV2::Authorizer", properties)
        }
        var routes: [String] = []
        for route in api["routes"]?.array ?? [] {
            routes += addWebSocketRoute(route)
            if let function = route["function"]?.string { functions.append(function) }
        }
        addAPIPermissions("WebSocketApi", functions)
        let content = resources.filter { $0.key.hasPrefix("WebSocketApi") }.map { _, value in value }
        let deployment = "WebSocketApiDeployment\(Self.fingerprint(content))"
        add(
            deployment, "AWS::ApiGatewayV2::Deployment", ["ApiId": .ref("WebSocketApi")],
            ["DependsOn": .array(routes.map { .string($0) })])
        try addWebSocketStages(api, deployment)
    }

    /// - Returns: ids of what a deployment has to wait for.
    private mutating func addWebSocketRoute(_ route: JSONValue) -> [String] {
        let key = route["route"]?.string ?? ""
        let label = "WebSocketApi\(Names.identifier(key))"
        var integration: JSONObject = [
            "ApiId": .ref("WebSocketApi"), "IntegrationType": "AWS_PROXY", "IntegrationMethod": "POST",
            "IntegrationUri": Self.invocation(of: route["function"]?.string ?? ""),
        ]
        integration["TimeoutInMillis"] = route["timeoutMilliseconds"]
        let integrationID = addNumbered("\(label)Integration", "AWS::ApiGatewayV2::Integration", integration)
        var properties: JSONObject = [
            "ApiId": .ref("WebSocketApi"), "RouteKey": .string(key),
            "Target": .sub("integrations/${\(integrationID)}"),
        ]
        if let name = route["authorizer"]?.string {
            properties["AuthorizationType"] = "CUSTOM"
            properties["AuthorizerId"] = .ref("WebSocketApi\(Names.identifier(name, "Authorizer"))")
        } else {
            properties["AuthorizationType"] = "NONE"
        }
        let answers = route["routeResponseSelectionExpression"]
        properties["RouteResponseSelectionExpression"] = answers
        let routeID = addNumbered("\(label)Route", "AWS::ApiGatewayV2::Route", properties)
        guard answers != nil else { return [routeID] }
        let response = addNumbered(
            "\(label)RouteResponse", "AWS::ApiGatewayV2::RouteResponse",
            ["ApiId": .ref("WebSocketApi"), "RouteId": .ref(routeID), "RouteResponseKey": "$default"])
        return [routeID, response]
    }

    private mutating func addWebSocketStages(_ api: JSONValue, _ deployment: String) throws(Undeployable) {
        let stages: JSONObject = api["stages"]?.object ?? ["dev": [:]]
        for (name, settings) in stages {
            var properties: JSONObject = [
                "ApiId": .ref("WebSocketApi"), "StageName": .string(name), "DeploymentId": .ref(deployment),
            ]
            properties["StageVariables"] = settings["variables"]
            if let limits = settings["throttling"] {
                properties["DefaultRouteSettings"] = Self.throttling(limits)
            }
            var routes: JSONObject = [:]
            for route in api["routes"]?.array ?? [] {
                guard let key = route["route"]?.string, let limits = route["throttling"] else { continue }
                routes[key] = Self.throttling(limits)
            }
            if !routes.isEmpty { properties["RouteSettings"] = .object(routes) }
            if let format = (settings["accessLog"] ?? api["accessLog"])?["format"] {
                let group = "WebSocketApi\(Names.identifier(name, "AccessLog"))"
                addAccessLog(group, "\(names.service)-\(names.stage)/websocket/\(name)")
                properties["AccessLogSettings"] = [
                    "DestinationArn": .attribute(group, "Arn"), "Format": format,
                ]
            }
            let id = try identifier("Stage", name, of: "WebSocketApi", at: ["webSocketApi", "stages", name])
            add(id, "AWS::ApiGatewayV2::Stage", properties)
            output(
                "\(id)Url", "Address of the WebSocket API, stage \(name)",
                .sub("wss://${WebSocketApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/\(name)"))
        }
    }
}

import JSON

/// The HTTP API: plain `AWS::ApiGatewayV2`, one resource for each thing that the manifest says.
extension StackBuilder {
    mutating func addHTTPAPI() throws(Undeployable) {
        guard let api = manifest["httpApi"] else { return }
        var properties: JSONObject = [
            "Name": .string("\(names.service)-\(names.stage)"), "ProtocolType": "HTTP",
        ]
        properties["DisableExecuteApiEndpoint"] = api["disableExecuteApiEndpoint"]
        if let cors = api["cors"] { properties["CorsConfiguration"] = Self.cors(cors) }
        add("HttpApi", "AWS::ApiGatewayV2::Api", properties)
        var functions: [String] = []
        for (name, authorizer) in api["authorizers"]?.object ?? [:] {
            if let function = try addHTTPAuthorizer(name, authorizer) { functions.append(function) }
        }
        var integrations: [String: String] = [:]
        for route in api["routes"]?.array ?? [] {
            let integration = addHTTPIntegration(route, &integrations)
            addHTTPRoute(route, integration, api)
            if let function = route["function"]?.string { functions.append(function) }
        }
        addAPIPermissions("HttpApi", functions)
        try addHTTPStages(api)
    }

    /// One for each function: any stage and route of this API may call it, and nobody else's.
    mutating func addAPIPermissions(_ api: String, _ functions: [String]) {
        for function in functions where resources["\(api)\(Names.identifier(function, "Permission"))"] == nil
        {
            addPermission(
                "\(api)\(Names.identifier(function, "Permission"))", function: function,
                principal: "apigateway.amazonaws.com",
                source: .sub("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${\(api)}/*")
            )
        }
    }

    private static func cors(_ cors: JSONValue) -> JSONValue {
        var result: JSONObject = [:]
        result.copy(
            [
                ("allowOrigins", "AllowOrigins"), ("allowMethods", "AllowMethods"),
                ("allowHeaders", "AllowHeaders"),
                ("exposeHeaders", "ExposeHeaders"), ("maxAge", "MaxAge"),
                ("allowCredentials", "AllowCredentials"),
            ], of: cors)
        return .object(result)
    }

    /// - Returns: the function that is asked.
    private mutating func addHTTPAuthorizer(_ name: String, _ authorizer: JSONValue) throws(Undeployable)
        -> String?
    {
        let id = try identifier("Authorizer", name, of: "HttpApi", at: ["httpApi", "authorizers", name])
        let sources = authorizer["identitySource"].map { $0.array ?? [$0] }
        var properties: JSONObject = ["ApiId": .ref("HttpApi"), "Name": .string(name)]
        guard authorizer["type"]?.string == "lambda", let function = authorizer["function"]?.string else {
            properties["AuthorizerType"] = "JWT"
            properties["IdentitySource"] = .array(sources ?? ["$request.header.Authorization"])
            properties["JwtConfiguration"] = [
                "Issuer": authorizer["issuer"] ?? "", "Audience": authorizer["audience"] ?? [],
            ]
            add(id, "AWS::ApiGatewayV2::Authorizer", properties)
            return nil
        }
        properties["AuthorizerType"] = "REQUEST"
        properties["AuthorizerUri"] = Self.invocation(of: function)
        properties["AuthorizerPayloadFormatVersion"] = authorizer["payloadFormat"] ?? "2.0"
        properties["EnableSimpleResponses"] = authorizer["enableSimpleResponses"] ?? false
        properties["AuthorizerResultTtlInSeconds"] = authorizer["resultTtlSeconds"] ?? 0
        if let sources { properties["IdentitySource"] = .array(sources) }
        add(id, "AWS::ApiGatewayV2::Authorizer", properties)
        return function
    }

    /// Routes that ask for the same of the same function share one.
    private mutating func addHTTPIntegration(_ route: JSONValue, _ known: inout [String: String]) -> String {
        var properties: JSONObject = ["ApiId": .ref("HttpApi")]
        let label: String
        if let url = route["url"] {
            label = Names.identifier(route["route"]?.string ?? "")
            properties["IntegrationType"] = "HTTP_PROXY"
            properties["IntegrationMethod"] = "ANY"
            properties["IntegrationUri"] = url
            properties["PayloadFormatVersion"] = "1.0"
        } else {
            let function = route["function"]?.string ?? ""
            label = Names.identifier(function)
            properties["IntegrationType"] = "AWS_PROXY"
            properties["IntegrationUri"] = Self.alias(of: function)
            properties["PayloadFormatVersion"] = route["payloadFormat"] ?? "2.0"
        }
        properties["TimeoutInMillis"] = route["timeoutMilliseconds"]
        properties["RequestParameters"] = route["requestParameters"]
        if let changes = route["responseParameters"]?.object {
            var result: JSONObject = [:]
            for (status, mapping) in changes {
                let entries = (mapping.object ?? [:]).map { key, value -> JSONValue in
                    ["Destination": .string(key), "Source": value]
                }
                result[status] = ["ResponseParameters": .array(entries)]
            }
            properties["ResponseParameters"] = .object(result)
        }
        let key = JSONValue.object(properties).encodedString()
        if let id = known[key] { return id }
        let id = addNumbered("HttpApi\(label)Integration", "AWS::ApiGatewayV2::Integration", properties)
        known[key] = id
        return id
    }

    private mutating func addHTTPRoute(_ route: JSONValue, _ integration: String, _ api: JSONValue) {
        let key = route["route"]?.string ?? ""
        var properties: JSONObject = [
            "ApiId": .ref("HttpApi"), "RouteKey": .string(key),
            "Target": .sub("integrations/${\(integration)}"),
        ]
        if let name = route["authorizer"]?.string {
            let isLambda = api["authorizers"]?[name]?["type"]?.string == "lambda"
            properties["AuthorizationType"] = isLambda ? "CUSTOM" : "JWT"
            properties["AuthorizerId"] = .ref("HttpApi\(Names.identifier(name, "Authorizer"))")
            properties["AuthorizationScopes"] = route["scopes"]
        }
        _ = addNumbered("HttpApi\(Names.identifier(key, "Route"))", "AWS::ApiGatewayV2::Route", properties)
    }

    private mutating func addHTTPStages(_ api: JSONValue) throws(Undeployable) {
        let stages: JSONObject = api["stages"]?.object ?? ["$default": [:]]
        for (name, settings) in stages {
            let id = try identifier("Stage", name, of: "HttpApi", at: ["httpApi", "stages", name])
            var properties: JSONObject = [
                "ApiId": .ref("HttpApi"), "StageName": .string(name), "AutoDeploy": true,
            ]
            if let variables = settings["variables"] { properties["StageVariables"] = variables }
            if let limits = settings["throttling"] ?? api["defaultThrottling"] {
                properties["DefaultRouteSettings"] = Self.throttling(limits)
            }
            var routes: JSONObject = [:]
            for route in api["routes"]?.array ?? [] {
                guard let key = route["route"]?.string,
                    let limits = settings["routeThrottling"]?[key] ?? route["throttling"]
                else { continue }
                routes[key] = Self.throttling(limits)
            }
            if !routes.isEmpty { properties["RouteSettings"] = .object(routes) }
            if let format = (settings["accessLog"] ?? api["accessLog"])?["format"] {
                let group = "HttpApi\(Names.identifier(name, "AccessLog"))"
                addAccessLog(
                    group, "\(names.service)-\(names.stage)/http/\(name == "$default" ? "default" : name)")
                properties["AccessLogSettings"] = [
                    "DestinationArn": .attribute(group, "Arn"), "Format": format,
                ]
            }
            // Settings of a route need the route.
            var more: JSONObject = [:]
            if !routes.isEmpty {
                let routeIDs = resources.filter { $0.value["Type"]?.string == "AWS::ApiGatewayV2::Route" }
                    .map(\.key)
                more["DependsOn"] = .array(routeIDs.map { .string($0) })
            }
            add(id, "AWS::ApiGatewayV2::Stage", properties, more)
            let path = name == "$default" ? "" : "/\(name)"
            output(
                "\(id)Url", "Address of the HTTP API, stage \(name)",
                .sub("https://${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}\(path)"))
        }
    }

    mutating func addAccessLog(_ id: String, _ name: String) {
        add(
            id, "AWS::Logs::LogGroup",
            [
                "LogGroupName": .string("/aws/apigateway/\(name)"),
                "RetentionInDays": .int(stage.logRetention),
            ],
            ["DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"])
    }

    static func throttling(_ limits: JSONValue) -> JSONValue {
        [
            "ThrottlingRateLimit": limits["rateLimit"] ?? 0,
            "ThrottlingBurstLimit": limits["burstLimit"] ?? 0,
        ]
    }
}

import JSON

/// The REST API.
extension StackBuilder {
    mutating func addRESTAPI() throws(Undeployable) {
        guard let api = manifest["restApi"] else { return }
        var properties: JSONObject = [
            "Name": .string("\(names.service)-\(names.stage)-rest"),
            "EndpointConfiguration": ["Types": ["REGIONAL"]],
            "ApiKeySourceType": api["apiKeySource"] ?? "HEADER",
        ]
        properties["DisableExecuteApiEndpoint"] = api["disableExecuteApiEndpoint"]
        properties["BinaryMediaTypes"] = api["binaryMediaTypes"]
        add("RestApi", "AWS::ApiGateway::RestApi", properties)
        var functions: [String] = []
        for (name, authorizer) in api["authorizers"]?.object ?? [:] {
            guard let function = authorizer["function"]?.string else { continue }
            functions.append(function)
            try addRESTAuthorizer(name, authorizer, function)
        }
        for (name, schema) in api["models"]?.object ?? [:] {
            add(
                try identifier("Model", name, of: "RestApi", at: ["restApi", "models", name]),
                "AWS::ApiGateway::Model",
                [
                    "RestApiId": .ref("RestApi"), "Name": .string(name), "ContentType": "application/json",
                    "Schema": schema,
                ])
        }
        // What a deployment has to wait for: it is a picture of the API as it finds it.
        var deployed: [String] = []
        for (type, response) in api["gatewayResponses"]?.object ?? [:] {
            deployed.append(addGatewayResponse(type, response))
        }
        for route in api["routes"]?.array ?? [] {
            deployed.append(addRESTMethod(route, api))
            if let function = (route["function"] ?? route["integration"]?["function"])?.string {
                functions.append(function)
            }
        }
        addAPIPermissions("RestApi", functions)
        let content = resources.filter { $0.key.hasPrefix("RestApi") }.map { _, value in value }
        let deployment = "RestApiDeployment\(Self.fingerprint(content))"
        add(
            deployment, "AWS::ApiGateway::Deployment", ["RestApiId": .ref("RestApi")],
            ["DependsOn": .array(deployed.map { .string($0) })])
        try addRESTStages(api, deployment)
        try addUsagePlans(api)
    }

    private mutating func addRESTAuthorizer(_ name: String, _ authorizer: JSONValue, _ function: String)
        throws(Undeployable)
    {
        let id = try identifier("Authorizer", name, of: "RestApi", at: ["restApi", "authorizers", name])
        var properties: JSONObject = [
            "RestApiId": .ref("RestApi"), "Name": .string(name), "Type": authorizer["type"] ?? "TOKEN",
            "AuthorizerUri": Self.invocation(of: function),
            "AuthorizerResultTtlInSeconds": authorizer["authorizerResultTtlInSeconds"] ?? 300,
        ]
        let isToken = authorizer["type"]?.string == "TOKEN"
        if let source = authorizer["identitySource"] {
            let places = (source.array ?? [source]).compactMap(\.string)
            if !places.isEmpty { properties["IdentitySource"] = .string(places.joined(separator: ",")) }
        } else if isToken {
            properties["IdentitySource"] = "method.request.header.Authorization"
        }
        properties["IdentityValidationExpression"] = authorizer["identityValidationExpression"]
        add(id, "AWS::ApiGateway::Authorizer", properties)
    }

    private mutating func addGatewayResponse(_ type: String, _ response: JSONValue) -> String {
        var properties: JSONObject = ["RestApiId": .ref("RestApi"), "ResponseType": .string(type)]
        if let status = response["statusCode"] { properties["StatusCode"] = .string(status.encodedString()) }
        properties["ResponseParameters"] = response["responseParameters"]
        properties["ResponseTemplates"] = response["responseTemplates"]
        let id = "RestApi\(Names.identifier(type.lowercased(), "Response"))"
        add(id, "AWS::ApiGateway::GatewayResponse", properties)
        return id
    }

    /// - Returns: what a method's path is: the API's root, or a resource, made with those above it.
    private mutating func pathResource(_ path: String) -> JSONValue {
        let parts = path.split(separator: "/").map(String.init)
        var parent = JSONValue.attribute("RestApi", "RootResourceId")
        var known = ""
        for part in parts {
            known += "/" + part
            let id: String
            if let made = restPaths[known] {
                id = made
            } else {
                id = addNumbered(
                    "RestApi\(Names.identifier(known, "Resource"))", "AWS::ApiGateway::Resource",
                    ["RestApiId": .ref("RestApi"), "ParentId": parent, "PathPart": .string(part)])
            }
            restPaths[known] = id
            parent = .ref(id)
        }
        return parent
    }

    private mutating func addRESTMethod(_ route: JSONValue, _ api: JSONValue) -> String {
        let key = route["route"]?.string ?? ""
        let parts = key.split(separator: " ", maxSplits: 1).map(String.init)
        var properties: JSONObject = [
            "RestApiId": .ref("RestApi"), "ResourceId": pathResource(parts.count > 1 ? parts[1] : "/"),
            "HttpMethod": .string(parts.first ?? "ANY"), "ApiKeyRequired": route["apiKeyRequired"] ?? false,
            "AuthorizationType": "NONE",
        ]
        if let name = route["authorizer"]?.string {
            properties["AuthorizationType"] = "CUSTOM"
            properties["AuthorizerId"] = .ref("RestApi\(Names.identifier(name, "Authorizer"))")
        }
        properties["OperationName"] = route["operationName"]
        var parameters = route["requestParameters"]?.object ?? [:]
        // Whatever an integration or a cache's key takes from the request has to be declared.
        for parameter in usedParameters(route) where parameters[parameter] == nil {
            parameters[parameter] = false
        }
        for variable in Self.variables(in: key) where parameters["method.request.path.\(variable)"] == nil {
            parameters["method.request.path.\(variable)"] = true
        }
        if !parameters.isEmpty { properties["RequestParameters"] = .object(parameters) }
        if let models = route["requestModels"]?.object {
            var references: JSONObject = [:]
            for (type, model) in models {
                references[type] = .ref("RestApi\(Names.identifier(model.string ?? "", "Model"))")
            }
            properties["RequestModels"] = .object(references)
        }
        if let validator = route["requestValidator"] {
            properties["RequestValidatorId"] = .ref(addValidator(validator))
        }
        properties["Integration"] = integration(of: route, path: parts.count > 1 ? parts[1] : "/")
        let responses = methodResponses(route)
        if !responses.isEmpty { properties["MethodResponses"] = .array(responses) }
        return addNumbered("RestApi\(Names.identifier(key, "Method"))", "AWS::ApiGateway::Method", properties)
    }

    /// There are four at most.
    private mutating func addValidator(_ validator: JSONValue) -> String {
        let body = validator["validateRequestBody"]?.bool ?? false
        let parameters = validator["validateRequestParameters"]?.bool ?? false
        let words = [body ? "Body" : "", parameters ? "Parameters" : ""].joined()
        let id = "RestApi\(words.isEmpty ? "No" : words)Validator"
        if resources[id] == nil {
            add(
                id, "AWS::ApiGateway::RequestValidator",
                [
                    "RestApiId": .ref("RestApi"),
                    "Name": .string(words.isEmpty ? "none" : words.lowercased()),
                    "ValidateRequestBody": .bool(body), "ValidateRequestParameters": .bool(parameters),
                ])
        }
        return id
    }

    private mutating func addRESTStages(_ api: JSONValue, _ deployment: String) throws(Undeployable) {
        let stages: JSONObject = api["stages"]?.object ?? ["prod": [:]]
        for (name, settings) in stages {
            let id = try identifier("Stage", name, of: "RestApi", at: ["restApi", "stages", name])
            let hasCache = settings["cacheClusterEnabled"]?.bool ?? false
            var properties: JSONObject = [
                "RestApiId": .ref("RestApi"), "DeploymentId": .ref(deployment), "StageName": .string(name),
            ]
            properties["Variables"] = settings["variables"]
            if hasCache {
                properties["CacheClusterEnabled"] = true
                properties["CacheClusterSize"] = "0.5"
            }
            let methods = Self.methodSettings(settings, hasCache: hasCache)
            if !methods.isEmpty { properties["MethodSettings"] = .array(methods) }
            if let format = (settings["accessLog"] ?? api["accessLog"])?["format"] {
                let group = "RestApi\(Names.identifier(name, "AccessLog"))"
                addAccessLog(group, "\(names.service)-\(names.stage)/rest/\(name)")
                properties["AccessLogSetting"] = [
                    "DestinationArn": .attribute(group, "Arn"), "Format": format,
                ]
            }
            add(id, "AWS::ApiGateway::Stage", properties)
            output(
                "\(id)Url", "Address of the REST API, stage \(name)",
                .sub("https://${RestApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/\(name)"))
        }
    }

    private static func methodSettings(_ stage: JSONValue, hasCache: Bool) -> [JSONValue] {
        let own = stage["methodSettings"]?.object ?? [:]
        var all: [JSONValue] = []
        if own["*/*"] == nil, hasCache || stage["throttling"] != nil {
            var settings: JSONObject = ["ResourcePath": "/*", "HttpMethod": "*"]
            if hasCache { settings["CachingEnabled"] = true }
            addThrottling(stage["throttling"], to: &settings)
            all.append(.object(settings))
        }
        for (key, value) in own {
            // `/pets/{id}/GET`: the last part is the method.
            let cut = key.lastIndex(of: "/") ?? key.startIndex
            var settings: JSONObject = [
                "ResourcePath": .string(resourcePath(key == "*/*" ? "/*" : String(key[..<cut]))),
                "HttpMethod": .string(String(key[key.index(after: cut)...])),
            ]
            settings.copy(
                [
                    ("cachingEnabled", "CachingEnabled"), ("cacheTtlInSeconds", "CacheTtlInSeconds"),
                    ("cacheDataEncrypted", "CacheDataEncrypted"),
                ], of: value)
            if settings["CachingEnabled"] == nil, hasCache { settings["CachingEnabled"] = true }
            addThrottling(value["throttling"] ?? stage["throttling"], to: &settings)
            all.append(.object(settings))
        }
        return all
    }

    /// CloudFormation wants `/pets/{id}` as `/~1pets~1{id}`, the root and all paths together without that.
    private static func resourcePath(_ path: String) -> String {
        if path.isEmpty || path == "/" { return "/" }
        return path == "/*" ? path : "/" + path.replacing("/", with: "~1")
    }

    private static func addThrottling(_ limits: JSONValue?, to settings: inout JSONObject) {
        guard let limits else { return }
        for (key, value) in throttling(limits).object ?? [:] { settings[key] = value }
    }

    private mutating func addUsagePlans(_ api: JSONValue) throws(Undeployable) {
        let stages = api["stages"]?.object?.keys ?? ["prod"]
        let stageIDs = stages.map { JSONValue.string("RestApi\(Names.identifier($0, "Stage"))") }
        for (index, key) in (api["apiKeys"]?.array ?? []).enumerated() {
            let name = key["name"]?.string ?? ""
            let path = ["restApi", "apiKeys", "\(index)"]
            add(
                try identifier("ApiKey", key["id"]?.string ?? name, of: "RestApi", at: path),
                "AWS::ApiGateway::ApiKey",
                [
                    "Name": .string("\(names.service)-\(names.stage)-\(name)"), "Value": key["value"] ?? "",
                    "Enabled": key["enabled"] ?? true,
                ], ["DependsOn": .array(stageIDs)])
        }
        for (index, plan) in (api["usagePlans"]?.array ?? []).enumerated() {
            let name = plan["name"]?.string ?? ""
            let path = ["restApi", "usagePlans", "\(index)"]
            let id = try identifier("UsagePlan", plan["id"]?.string ?? name, of: "RestApi", at: path)
            let apiStages = (plan["stages"]?.array?.compactMap(\.string) ?? stages).map {
                stage -> JSONValue in
                var entry: JSONObject = [
                    "ApiId": .ref("RestApi"), "Stage": .ref("RestApi\(Names.identifier(stage, "Stage"))"),
                ]
                var throttles: JSONObject = [:]
                for (method, limits) in plan["methodThrottles"]?.object ?? [:]
                where method.hasPrefix("\(stage):") {
                    throttles[String(method.dropFirst(stage.utf8.count + 1))] = Self.planThrottle(limits)
                }
                if !throttles.isEmpty { entry["Throttle"] = .object(throttles) }
                return .object(entry)
            }
            var properties: JSONObject = [
                "UsagePlanName": .string("\(names.service)-\(names.stage)-\(name)"),
                "ApiStages": .array(apiStages),
            ]
            if let limits = plan["throttle"] { properties["Throttle"] = Self.planThrottle(limits) }
            if let quota = plan["quota"] {
                var result: JSONObject = [:]
                result.copy([("limit", "Limit"), ("period", "Period"), ("offset", "Offset")], of: quota)
                properties["Quota"] = .object(result)
            }
            add(id, "AWS::ApiGateway::UsagePlan", properties)
            for key in (plan["apiKeys"]?.array ?? []).compactMap(\.string) {
                add(
                    "\(id)\(Names.identifier(key))", "AWS::ApiGateway::UsagePlanKey",
                    [
                        "KeyId": .ref("RestApi\(Names.identifier(key, "ApiKey"))"), "KeyType": "API_KEY",
                        "UsagePlanId": .ref(id),
                    ])
            }
        }
    }

    private static func planThrottle(_ limits: JSONValue) -> JSONValue {
        ["RateLimit": limits["rateLimit"] ?? 0, "BurstLimit": limits["burstLimit"] ?? 0]
    }
}

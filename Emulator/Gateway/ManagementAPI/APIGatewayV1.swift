import Clock
import JSON

/// What `apigateway` says of REST APIs.
struct APIGatewayV1: Sendable {
    let names: AWSNames
    /// When the APIs came to be: the emulator's start.
    let created: Timestamp
    let accountLimits: ThrottlingLimits

    /// This service writes times as seconds since 1970.
    private var createdDate: JSONValue { .number(JSONNumber(created.seconds)) }

    func resources(_ models: [APIModel]) -> ManagedResource {
        let models = models.filter { $0.kind == .rest }
        var apis = ManagedCollection("API")
        apis.items = models.map { ($0.id, api($0)) }
        var root = ManagedResource()
        root.collections["restapis"] = apis
        root.collections["apikeys"] = ManagedCollection(
            "API Key", models.flatMap(\.apiKeys).map { key(dated: $0) }, id: "id", namesUnknown: false)
        root.collections["usageplans"] = usagePlans(models)
        for (name, kind) in [
            ("domainnames", "domain name"), ("vpclinks", "VPC link"),
            ("clientcertificates", "client certificate"),
        ] {
            root.collections[name] = ManagedCollection(kind, namesUnknown: false)
        }
        root.parts["account"] = ManagedResource([
            "throttleSettings": [
                "burstLimit": .number(JSONNumber(accountLimits.burstLimit)),
                "rateLimit": .number(JSONNumber(accountLimits.rateLimit)),
            ],
            "features": ["UsagePlans"], "apiKeyVersion": "4",
        ])
        return root
    }

    private func key(dated key: JSONObject) -> JSONObject {
        var key = key
        key["createdDate"] = createdDate
        key["lastUpdatedDate"] = createdDate
        return key
    }

    private func usagePlans(_ models: [APIModel]) -> ManagedCollection {
        var plans = ManagedCollection("Usage Plan", namesUnknown: false)
        for plan in models.flatMap(\.usagePlans) {
            // Which keys a plan has stands beside what GetUsagePlan shows of it.
            var document = plan
            let keys = (plan["keys"]?.array ?? []).compactMap(\.object)
            document["keys"] = nil
            var resource = ManagedResource(document)
            resource.collections["keys"] = ManagedCollection("API Key", keys, id: "id", namesUnknown: false)
            plans.items.append((plan["id"]?.string ?? "", resource))
        }
        return plans
    }

    private func api(_ model: APIModel) -> ManagedResource {
        let tree = ResourceTree(model)
        var document = JSONObject()
        document.append("id", .string(model.id))
        document.append("name", .string(model.name))
        document.append("createdDate", createdDate)
        if !model.binaryMediaTypes.isEmpty {
            document.append("binaryMediaTypes", .array(model.binaryMediaTypes.map { .string($0) }))
        }
        document.append("apiKeySource", model.takesKeysFromAuthorizer ? "AUTHORIZER" : "HEADER")
        document.append("endpointConfiguration", ["types": ["REGIONAL"], "ipAddressType": "ipv4"])
        document.append("tags", .object(JSONObject()))
        document.append("disableExecuteApiEndpoint", .bool(model.isEndpointDisabled))
        document.append("rootResourceId", .string(tree.rootID))
        document.append("apiStatus", "AVAILABLE")
        var api = ManagedResource(document)
        api.collections["resources"] = resources(tree, model)
        api.collections["stages"] = stages(model)
        let deployment: JSONObject = ["id": .string(names.deploymentID(model)), "createdDate": createdDate]
        api.collections["deployments"] = ManagedCollection(
            "Deployment", [deployment], id: "id", namesUnknown: false)
        api.collections["authorizers"] = ManagedCollection(
            "Authorizer", model.authorizers.map { authorizer($0, of: model) }, id: "id", namesUnknown: false)
        var validators = ManagedCollection("Request Validator", namesUnknown: false)
        for (name, document) in model.validators {
            let id = Self.validatorID(name, of: model)
            let named: JSONObject = ["id": .string(id), "name": .string(name)]
            validators.items.append((id, ManagedResource(JSONObject(Array(named) + Array(document)))))
        }
        api.collections["requestvalidators"] = validators
        api.collections["models"] = ManagedCollection(
            "Model", model.models.map { self.model($0, of: model) }, id: "name", namesUnknown: false)
        api.collections["gatewayresponses"] = ManagedCollection(
            "Gateway Response", GatewayResponseType.allCases.map { Self.gatewayResponse($0, of: model) },
            id: "responseType", namesUnknown: false)
        return api
    }

    // MARK: - Models, validators, gateway responses

    private func model(_ name: (name: String, schema: JSONValue), of model: APIModel) -> JSONObject {
        [
            "id": .string(StableIdentifier.make(model.id, "model", name.name, length: 6)),
            "name": .string(name.name), "contentType": "application/json",
            "schema": .string(name.schema.encodedString()),
        ]
    }

    private static func validatorID(_ name: String, of model: APIModel) -> String {
        StableIdentifier.make(model.id, "validator", name, length: 6)
    }

    /// All types are listed: those that the API does not change as they are.
    private static func gatewayResponse(_ type: GatewayResponseType, of model: APIModel) -> JSONObject {
        let changed = model.gatewayResponses[type.rawValue]
        var document: JSONObject = ["responseType": .string(type.rawValue)]
        let status = changed?["statusCode"] ?? type.status.map { .string(String($0)) }
        if let status { document["statusCode"] = status }
        document["responseParameters"] = changed?["responseParameters"] ?? [:]
        document["responseTemplates"] =
            changed?["responseTemplates"] ?? [
                "application/json": "{\"message\":$context.error.messageString}"
            ]
        document["defaultResponse"] = .bool(changed == nil)
        return document
    }

    // MARK: - Resources and methods

    private func resources(_ tree: ResourceTree, _ model: APIModel) -> ManagedCollection {
        var resources = ManagedCollection("Resource", namesUnknown: false)
        for node in tree.nodes {
            var document = JSONObject()
            document.append("id", .string(node.id))
            if let parent = node.parentID {
                document.append("parentId", .string(parent))
                document.append("pathPart", .string(node.part))
            }
            document.append("path", .string(node.path))
            if !node.routes.isEmpty {
                let methods = node.routes.map { ($0.method, JSONValue.object(JSONObject())) }
                document.append("resourceMethods", .object(JSONObject(methods)))
            }
            var resource = ManagedResource(document)
            var methods = ManagedCollection("Method", namesUnknown: false)
            methods.isListed = false
            for route in node.routes { methods.items.append((route.method, method(route, node.id, model))) }
            resource.collections["methods"] = methods
            resources.items.append((node.id, resource))
        }
        return resources
    }

    private func method(_ route: APIModel.Route, _ resourceID: String, _ model: APIModel) -> ManagedResource {
        let integration = integration(route, resourceID)
        var document = JSONObject()
        document.append("httpMethod", .string(route.method))
        document.append("authorizationType", .string(route.authorizationType))
        if let name = route.authorizer {
            document.append("authorizerId", .string(names.authorizerID(name, of: model)))
        }
        document.append("apiKeyRequired", .bool(route.isKeyRequired))
        if let name = route.validator {
            document.append("requestValidatorId", .string(Self.validatorID(name, of: model)))
        }
        for (name, value) in route.methodDetails { document.append(name, value) }
        document.append("methodIntegration", .object(integration))
        var resource = ManagedResource(document)
        resource.parts["integration"] = ManagedResource(integration)
        return resource
    }

    private func integration(_ route: APIModel.Route, _ resourceID: String) -> JSONObject {
        var document = JSONObject()
        switch route.target {
        case .function(let name):
            document.append("type", .string(route.integrationType ?? "AWS_PROXY"))
            document.append("httpMethod", "POST")
            document.append("uri", .string(names.invocation(of: name)))
        case .url(let url):
            document.append("type", .string(route.integrationType ?? "HTTP_PROXY"))
            document.append("httpMethod", .string(route.method))
            document.append("uri", .string(url))
        case .mock: document.append("type", "MOCK")
        }
        document.append("passthroughBehavior", "WHEN_NO_MATCH")
        document.append("timeoutInMillis", .number(JSONNumber(route.timeoutMilliseconds)))
        document.append("cacheNamespace", .string(resourceID))
        document.append("cacheKeyParameters", [])
        for (name, value) in route.integrationDetails { document[name] = value }
        if !route.responses.isEmpty {
            document["integrationResponses"] = .object(
                JSONObject(route.responses.map { ($0["statusCode"]?.string ?? "", .object($0)) }))
        }
        return document
    }

    // MARK: - Stages and authorizers

    private func stages(_ model: APIModel) -> ManagedCollection {
        var stages = ManagedCollection("Stage", namesUnknown: false)
        for stage in model.stages {
            var document = JSONObject()
            document.append("deploymentId", .string(names.deploymentID(model)))
            document.append("stageName", .string(stage.name))
            document.append("cacheClusterEnabled", false)
            document.append("cacheClusterStatus", "NOT_AVAILABLE")
            var settings = JSONObject()
            if let throttling = stage.throttling {
                settings["*/*"] = [
                    "throttlingBurstLimit": .number(JSONNumber(throttling.burstLimit)),
                    "throttlingRateLimit": .number(JSONNumber(throttling.rateLimit)),
                ]
            }
            document.append("methodSettings", .object(settings))
            if !stage.variables.isEmpty {
                document.append("variables", .object(JSONObject(sorted: stage.variables)))
            }
            if let format = stage.accessLogFormat {
                document.append("accessLogSettings", ["format": .string(format)])
            }
            document.append("tracingEnabled", false)
            document.append("createdDate", createdDate)
            document.append("lastUpdatedDate", createdDate)
            for (name, value) in stage.more { document[name] = value }
            var resource = ManagedResource(document)
            let export = OpenAPIExport(region: names.region, accountID: names.accountID)
            var exports = ManagedCollection("export type", namesUnknown: false)
            exports.isListed = false
            exports.items = [
                ("oas30", ManagedResource(export.document(model, version: "3.0.1", stage: stage.name)))
            ]
            resource.collections["exports"] = exports
            stages.items.append((stage.name, resource))
        }
        return stages
    }

    private func authorizer(_ authorizer: APIModel.Authorizer, of model: APIModel) -> JSONObject {
        var document = JSONObject()
        document.append("id", .string(names.authorizerID(authorizer.name, of: model)))
        document.append("name", .string(authorizer.name))
        document.append("type", .string(authorizer.type))
        document.append("authType", "custom")
        if let function = authorizer.function {
            document.append("authorizerUri", .string(names.invocation(of: function)))
        }
        document.append("identitySource", .string(authorizer.identitySource.joined(separator: ",")))
        if let pattern = authorizer.validationExpression {
            document.append("identityValidationExpression", .string(pattern))
        }
        document.append("authorizerResultTtlInSeconds", .number(JSONNumber(authorizer.ttlSeconds ?? 300)))
        return document
    }
}

/// The paths of a REST API as the tree of resources that API Gateway keeps them in.
struct ResourceTree {
    struct Node {
        let id: String
        let parentID: String?
        /// The path's last part.
        let part: String
        let path: String
        var routes: [APIModel.Route] = []
    }

    private(set) var nodes: [Node] = []
    var rootID: String { nodes[0].id }

    init(_ model: APIModel) {
        func identifier(_ path: String) -> String {
            StableIdentifier.make(model.id, "resource", path, length: path == "/" ? 10 : 6)
        }
        nodes = [Node(id: identifier("/"), parentID: nil, part: "", path: "/")]
        for route in model.routes {
            guard let path = route.path else { continue }
            var (place, walked) = (0, "")
            for part in path.split(separator: "/") {
                let parent = nodes[place].id
                walked += "/" + part
                if let known = nodes.firstIndex(where: { $0.path == walked }) {
                    place = known
                } else {
                    nodes.append(
                        Node(id: identifier(walked), parentID: parent, part: String(part), path: walked))
                    place = nodes.count - 1
                }
            }
            nodes[place].routes.append(route)
        }
    }
}

import JSON

/// Writes an API as an OpenAPI document with API Gateway's extensions ("x-amazon-apigateway-*"), as ExportApi and
/// GetExport do.
public struct OpenAPIExport: Sendable {
    private let names: AWSNames
    private let hasOwnExtensions: Bool

    /// - Parameter hasOwnExtensions: whether it also holds, as `x-mumble-*`, what only the manifest knows.
    public init(region: String, accountID: String, hasOwnExtensions: Bool = false) {
        names = AWSNames(region: region, accountID: accountID)
        self.hasOwnExtensions = hasOwnExtensions
    }

    private static let methods: Set<String> = [
        "GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE",
    ]

    /// - Parameters:
    ///   - version: of OpenAPI: `3.0.1`, which AWS writes, or `3.1.0`.
    ///   - stage: the one whose address the document names; the first when nil.
    public func document(_ model: APIModel, version: String = "3.1.0", stage: String? = nil) -> JSONObject {
        var document = JSONObject()
        document.append("openapi", .string(version))
        document.append("info", ["title": .string(model.name), "version": "1.0"])
        document.append("servers", [server(model, stage ?? model.stages.first?.name ?? "$default")])
        var paths = JSONObject()
        for route in model.routes {
            // Keys that are no paths are kept under paths of their own, as AWS does with `$default`.
            let path = route.path ?? "/" + route.key
            var item = paths[path]?.object ?? JSONObject()
            item[operationName(route)] = .object(operation(route, path, of: model))
            paths[path] = .object(item)
        }
        document.append("paths", .object(paths))
        let components = components(model)
        if !components.isEmpty { document.append("components", .object(components)) }
        if let cors = model.cors { document.append("x-amazon-apigateway-cors", .object(cors)) }
        if !model.binaryMediaTypes.isEmpty {
            document.append(
                "x-amazon-apigateway-binary-media-types", .array(model.binaryMediaTypes.map { .string($0) }))
        }
        appendRESTMembers(model, to: &document)
        if let expression = model.routeSelectionExpression {
            document.append("x-amazon-apigateway-route-selection-expression", .string(expression))
        }
        document.append("x-amazon-apigateway-importexport-version", "1.0")
        if hasOwnExtensions {
            for (name, value) in OwnExtensions.members(of: model) { document.append(name, value) }
        }
        return document
    }

    private func components(_ model: APIModel) -> JSONObject {
        var components = JSONObject()
        if !model.models.isEmpty {
            components.append("schemas", .object(JSONObject(model.models.map { ($0.name, $0.schema) })))
        }
        var schemes = JSONObject(model.authorizers.map { ($0.name, securityScheme($0, of: model)) })
        if model.routes.contains(where: \.isKeyRequired) {
            schemes["api_key"] = ["type": "apiKey", "name": "x-api-key", "in": "header"]
        }
        if !schemes.isEmpty { components.append("securitySchemes", .object(schemes)) }
        return components
    }

    /// Validators, gateway responses and the place of API keys.
    private func appendRESTMembers(_ model: APIModel, to document: inout JSONObject) {
        let validators = model.validators
        if !validators.isEmpty {
            document.append(
                "x-amazon-apigateway-request-validators",
                .object(JSONObject(validators.map { ($0.name, .object($0.document)) })))
        }
        if !model.gatewayResponses.isEmpty {
            document.append("x-amazon-apigateway-gateway-responses", .object(model.gatewayResponses))
        }
        if model.takesKeysFromAuthorizer {
            document.append("x-amazon-apigateway-api-key-source", "AUTHORIZER")
        }
    }

    private func server(_ model: APIModel, _ stage: String) -> JSONValue {
        let scheme = model.kind == .webSocket ? "wss" : "https"
        let address = "\(scheme)://\(model.id).execute-api.\(names.region).amazonaws.com/{basePath}"
        // The stage that has no name is at the root.
        let basePath = stage == "$default" ? "" : stage
        var server: JSONObject = [
            "url": .string(address), "variables": ["basePath": ["default": .string(basePath)]],
        ]
        if model.isEndpointDisabled {
            server["x-amazon-apigateway-endpoint-configuration"] = ["disableExecuteApiEndpoint": true]
        }
        return .object(server)
    }

    private func operationName(_ route: APIModel.Route) -> String {
        Self.methods.contains(route.method)
            ? route.method.lowercased() : "x-amazon-apigateway-any-method"
    }

    // MARK: - Operations

    private func operation(_ route: APIModel.Route, _ path: String, of model: APIModel) -> JSONObject {
        var operation = JSONObject()
        if let name = route.methodDetails["operationName"] { operation.append("operationId", name) }
        let parameters = Self.parameters(path) + Self.requiredParameters(route)
        if !parameters.isEmpty { operation.append("parameters", .array(parameters)) }
        if let models = route.methodDetails["requestModels"]?.object {
            let content = models.map { type, model -> (String, JSONValue) in
                (type, ["schema": ["$ref": .string("#/components/schemas/\(model.string ?? "")")]])
            }
            operation.append("requestBody", ["content": .object(JSONObject(content)), "required": true])
        }
        operation.append(
            "responses", ["default": ["description": .string("Default response for \(route.key)")]])
        var security: [JSONValue] = []
        if let name = route.authorizer {
            let scopes = JSONValue.array(route.scopes.map { .string($0) })
            security.append(.object(JSONObject([(name, scopes)])))
        }
        if route.isKeyRequired { security.append(["api_key": []]) }
        if !security.isEmpty { operation.append("security", .array(security)) }
        if route.key == "$default" { operation.append("isDefaultRoute", true) }
        if let name = route.validator {
            operation.append("x-amazon-apigateway-request-validator", .string(name))
        }
        operation.append("x-amazon-apigateway-integration", .object(integration(route)))
        if route.hasResponse {
            operation.append("x-amazon-apigateway-route-response-selection-expression", "$default")
        }
        if hasOwnExtensions {
            for (name, value) in OwnExtensions.members(of: route, in: model) { operation.append(name, value) }
        }
        return operation
    }

    /// `{name}` and `{name+}` are parameters of the path.
    private static func parameters(_ path: String) -> [JSONValue] {
        path.split(separator: "/").filter { $0.hasPrefix("{") && $0.hasSuffix("}") }.map { part in
            var name = part.dropFirst().dropLast()
            if name.hasSuffix("+") { name = name.dropLast() }
            return [
                "name": .string(String(name)), "in": "path",
                "description": .string("Generated path parameter for \(name)"), "required": true,
                "schema": ["type": "string"],
            ]
        }
    }

    /// Headers and query parameters that requests need; those of the path are always there.
    private static func requiredParameters(_ route: APIModel.Route) -> [JSONValue] {
        (route.methodDetails["requestParameters"]?.object ?? JSONObject()).compactMap { text, _ in
            guard let parameter = RESTMethod.Parameter(text), parameter.location != .path else { return nil }
            return [
                "name": .string(parameter.name),
                "in": parameter.location == .header ? "header" : "query", "required": true,
                "schema": ["type": "string"],
            ]
        }
    }

    private func integration(_ route: APIModel.Route) -> JSONObject {
        var integration = JSONObject()
        if let format = route.payloadFormat { integration.append("payloadFormatVersion", .string(format)) }
        // HTTP APIs write these types in small letters in OpenAPI, and so do the others' exports.
        switch route.target {
        case .function(let name):
            integration.append("type", .string(route.integrationType?.lowercased() ?? "aws_proxy"))
            integration.append("httpMethod", "POST")
            integration.append("uri", .string(names.invocation(of: name)))
        case .url(let url):
            integration.append("type", .string(route.integrationType?.lowercased() ?? "http_proxy"))
            integration.append("httpMethod", .string(route.method))
            integration.append("uri", .string(url))
        case .mock: integration.append("type", "mock")
        }
        for (name, value) in route.integrationDetails { integration[name] = value }
        if !route.responses.isEmpty {
            integration.append("responses", .object(JSONObject(route.responses.map(Self.response))))
        }
        integration.append("connectionType", "INTERNET")
        integration.append("timeoutInMillis", .number(JSONNumber(route.timeoutMilliseconds)))
        return integration
    }

    /// A document has responses by their patterns.
    private static func response(_ response: JSONObject) -> (String, JSONValue) {
        var shown = response
        shown["selectionPattern"] = nil
        return (response["selectionPattern"]?.string ?? "default", .object(shown))
    }

    // MARK: - Authorizers

    private func securityScheme(_ authorizer: APIModel.Authorizer, of model: APIModel) -> JSONValue {
        var details = JSONObject()
        if authorizer.type == "JWT" {
            details.append("type", "jwt")
            details.append("identitySource", .string(authorizer.identitySource.first ?? ""))
            details.append(
                "jwtConfiguration",
                [
                    "audience": .array(authorizer.audience.map { .string($0) }),
                    "issuer": .string(authorizer.issuer ?? ""),
                ])
            if hasOwnExtensions {
                for (name, value) in OwnExtensions.members(of: authorizer, in: model) {
                    details.append(name, value)
                }
            }
            return ["type": "oauth2", "flows": [:], "x-amazon-apigateway-authorizer": .object(details)]
        }
        details.append("type", .string(authorizer.type.lowercased()))
        if let function = authorizer.function {
            details.append("authorizerUri", .string(names.invocation(of: function)))
        }
        if let pattern = authorizer.validationExpression {
            details.append("identityValidationExpression", .string(pattern))
        }
        details.append("identitySource", .string(authorizer.identitySource.joined(separator: ", ")))
        if let ttl = authorizer.ttlSeconds {
            details.append("authorizerResultTtlInSeconds", .number(JSONNumber(ttl)))
        }
        if let format = authorizer.payloadFormat {
            details.append("authorizerPayloadFormatVersion", .string(format))
        }
        if authorizer.hasSimpleResponses { details.append("enableSimpleResponses", true) }
        return [
            "type": "apiKey", "name": .string(Self.header(authorizer)), "in": "header",
            "x-amazon-apigateway-authtype": "custom", "x-amazon-apigateway-authorizer": .object(details),
        ]
    }

    /// The header that a client is told to send; AWS writes `Unused` where it is none.
    private static func header(_ authorizer: APIModel.Authorizer) -> String {
        for source in authorizer.identitySource {
            if case .header(let name)? = IdentitySource(source) { return name }
        }
        return "Unused"
    }
}

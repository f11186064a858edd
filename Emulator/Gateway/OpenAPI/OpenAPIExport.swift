import JSON

/// Writes an API as an OpenAPI document with API Gateway's extensions ("x-amazon-apigateway-*"), as ExportApi and
/// GetExport do.
public struct OpenAPIExport: Sendable {
    let region: String
    let accountID: String

    public init(region: String, accountID: String) {
        self.region = region
        self.accountID = accountID
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
        let schemes = model.authorizers.map { ($0.name, securityScheme($0)) }
        var components = JSONObject()
        if !schemes.isEmpty { components.append("securitySchemes", .object(JSONObject(schemes))) }
        if model.routes.contains(where: \.isKeyRequired) {
            var all = components["securitySchemes"]?.object ?? JSONObject()
            all["api_key"] = ["type": "apiKey", "name": "x-api-key", "in": "header"]
            components["securitySchemes"] = .object(all)
        }
        if !components.isEmpty { document.append("components", .object(components)) }
        if let cors = model.cors { document.append("x-amazon-apigateway-cors", .object(cors)) }
        if !model.binaryMediaTypes.isEmpty {
            document.append(
                "x-amazon-apigateway-binary-media-types", .array(model.binaryMediaTypes.map { .string($0) }))
        }
        if let expression = model.routeSelectionExpression {
            document.append("x-amazon-apigateway-route-selection-expression", .string(expression))
        }
        document.append("x-amazon-apigateway-importexport-version", "1.0")
        return document
    }

    private func server(_ model: APIModel, _ stage: String) -> JSONValue {
        let scheme = model.kind == .webSocket ? "wss" : "https"
        let address = "\(scheme)://\(model.id).execute-api.\(region).amazonaws.com/{basePath}"
        // The stage that has no name is at the root.
        let basePath = stage == "$default" ? "" : stage
        return ["url": .string(address), "variables": ["basePath": ["default": .string(basePath)]]]
    }

    private func operationName(_ route: APIModel.Route) -> String {
        Self.methods.contains(route.method)
            ? route.method.lowercased() : "x-amazon-apigateway-any-method"
    }

    // MARK: - Operations

    private func operation(_ route: APIModel.Route, _ path: String, of model: APIModel) -> JSONObject {
        var operation = JSONObject()
        let parameters = Self.parameters(path)
        if !parameters.isEmpty { operation.append("parameters", .array(parameters)) }
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
        operation.append("x-amazon-apigateway-integration", .object(integration(route, of: model)))
        if route.hasResponse {
            operation.append("x-amazon-apigateway-route-response-selection-expression", "$default")
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

    private func integration(_ route: APIModel.Route, of model: APIModel) -> JSONObject {
        var integration = JSONObject()
        if let format = route.payloadFormat { integration.append("payloadFormatVersion", .string(format)) }
        // HTTP APIs write these types in small letters in OpenAPI, and so do the others' exports.
        switch route.target {
        case .function(let name):
            integration.append("type", .string(route.integrationType?.lowercased() ?? "aws_proxy"))
            integration.append("httpMethod", "POST")
            let arn = "arn:aws:lambda:\(region):\(accountID):function:\(name)"
            integration.append("uri", .string(FunctionURI.path(arn, region: region)))
        case .url(let url):
            integration.append("type", "http_proxy")
            integration.append("httpMethod", .string(route.method))
            integration.append("uri", .string(url))
        case .mock: integration.append("type", "mock")
        }
        if !route.requestParameters.isEmpty {
            integration.append("requestParameters", .object(route.requestParameters))
        }
        integration.append("connectionType", "INTERNET")
        integration.append("timeoutInMillis", .number(JSONNumber(route.timeoutMilliseconds)))
        return integration
    }

    // MARK: - Authorizers

    private func securityScheme(_ authorizer: APIModel.Authorizer) -> JSONValue {
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
            return ["type": "oauth2", "flows": [:], "x-amazon-apigateway-authorizer": .object(details)]
        }
        details.append("type", .string(authorizer.type.lowercased()))
        if let function = authorizer.function {
            let arn = "arn:aws:lambda:\(region):\(accountID):function:\(function)"
            details.append("authorizerUri", .string(FunctionURI.path(arn, region: region)))
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

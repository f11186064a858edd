import JSON

/// Reads an OpenAPI document with API Gateway's extensions and gives the part of a manifest that declares the same
/// API: `{"httpApi": {...}}`, `{"restApi": {...}}` or `{"webSocketApi": {...}}`.
public struct OpenAPIImport {
    /// What cannot be imported, where, and how to mend it.
    public struct Failure: Error, Equatable, CustomStringConvertible {
        public let place: String
        public let problem: String

        public var description: String { "'\(place)' \(problem)" }
    }

    let document: JSONObject
    let kind: APIModel.Kind

    /// - Parameter kind: nil takes what the document looks like.
    public init(_ value: JSONValue, kind: APIModel.Kind? = nil) throws(Failure) {
        guard let document = value.object, let version = document["openapi"]?.string,
            version.hasPrefix("3.")
        else {
            throw Failure(place: "openapi", problem: "is missing or not 3.0 or 3.1; Swagger 2.0 is not read.")
        }
        self.document = document
        self.kind = kind ?? Self.kind(of: document)
    }

    /// HTTP APIs have payload formats, and WebSocket APIs an expression.
    private static func kind(of document: JSONObject) -> APIModel.Kind {
        if document["x-amazon-apigateway-route-selection-expression"] != nil { return .webSocket }
        let operations = (document["paths"]?.object ?? JSONObject()).flatMap {
            $0.value.object ?? JSONObject()
        }
        let isHTTP = operations.contains { operation in
            operation.value["x-amazon-apigateway-integration"]?["payloadFormatVersion"] != nil
                || operation.value["isDefaultRoute"]?.bool == true
        }
        return isHTTP || document["x-amazon-apigateway-cors"] != nil ? .http : .rest
    }

    /// The manifest's part.
    public func manifest() throws(Failure) -> JSONObject {
        var api = JSONObject()
        if kind == .webSocket {
            api["routeSelectionExpression"] = document["x-amazon-apigateway-route-selection-expression"]
        }
        if let id = apiID { api["apiId"] = .string(id) }
        let endpoint = (document["servers"]?.array ?? []).lazy
            .compactMap { $0["x-amazon-apigateway-endpoint-configuration"] }.first
        if endpoint?["disableExecuteApiEndpoint"]?.bool == true { api["disableExecuteApiEndpoint"] = true }
        if kind == .http, let cors = document["x-amazon-apigateway-cors"] { api["cors"] = cors }
        if kind == .rest { readREST(into: &api) }
        if let stages = stages { api["stages"] = stages }
        OwnExtensions.readAPI(document, into: &api)
        let authorizers = try authorizers()
        if !authorizers.isEmpty { api["authorizers"] = .object(authorizers) }
        api["routes"] = .array(try routes())
        return JSONObject([(kind.field, .object(api))])
    }

    // MARK: - Address

    private var server: JSONValue? { document["servers"]?[0] }

    private var apiID: String? {
        guard let address = server?["url"]?.string else { return nil }
        let host = address.split(separator: "/").dropFirst().first ?? ""
        let labels = host.split(separator: ".")
        guard labels.count > 1, labels[1] == "execute-api" else { return nil }
        // An id that an API has without being told need not be said.
        let usual = ["mumblelocal", "mumblerest", "mumblews"]
        return usual.contains(String(labels[0])) ? nil : String(labels[0])
    }

    private var stages: JSONValue? {
        guard let name = server?["variables"]?["basePath"]?["default"]?.string, !name.isEmpty else {
            return nil
        }
        let stage = name.hasPrefix("/") ? String(name.dropFirst()) : name
        return .object(JSONObject([(stage, JSONValue.object(JSONObject()))]))
    }

    // MARK: - Routes

    private func routes() throws(Failure) -> [JSONValue] {
        guard let paths = document["paths"]?.object else {
            throw Failure(place: "paths", problem: "is missing; an API has paths.")
        }
        var routes: [JSONValue] = []
        for (path, item) in paths {
            for (name, operation) in item.object ?? JSONObject() {
                guard let method = Self.method(name), let operation = operation.object else { continue }
                routes.append(.object(try route(path, method, operation)))
            }
        }
        return routes
    }

    /// nil for members of a path that are no operations.
    private static func method(_ name: String) -> String? {
        if name == "x-amazon-apigateway-any-method" { return "ANY" }
        let methods = ["get", "put", "post", "delete", "options", "head", "patch"]
        return methods.contains(name) ? name.uppercased() : nil
    }

    private func route(
        _ path: String, _ method: String, _ operation: JSONObject
    ) throws(Failure) -> JSONObject {
        let place = "paths.\(path).\(method)"
        guard let integration = operation["x-amazon-apigateway-integration"]?.object else {
            throw Failure(
                place: place,
                problem: "has no x-amazon-apigateway-integration; say there which function answers it.")
        }
        try refuseSignatures(operation, place)
        var route = JSONObject()
        let isUsual = operation["isDefaultRoute"]?.bool == true || path == "/$default"
        if kind == .webSocket {
            route["route"] = .string(String(path.dropFirst()))
        } else {
            route["route"] = .string(isUsual ? "$default" : "\(method) \(path)")
        }
        try addTarget(integration, method, place, to: &route)
        for requirement in operation["security"]?.array ?? [] {
            for (name, scopes) in requirement.object ?? JSONObject() {
                if name == "api_key" {
                    route["apiKeyRequired"] = true
                } else {
                    route["authorizer"] = .string(name)
                    if scopes.array?.isEmpty == false { route["scopes"] = scopes }
                }
            }
        }
        if integration["payloadFormatVersion"]?.string == "1.0" { route["payloadFormat"] = "1.0" }
        let usualTimeout = kind == .http ? 30_000 : 29_000
        if let timeout = integration["timeoutInMillis"], timeout.int != usualTimeout {
            route["timeoutMilliseconds"] = timeout
        }
        if kind == .http {
            for name in ["requestParameters", "responseParameters"] { route[name] = integration[name] }
        }
        if kind == .rest { readREST(operation, integration, into: &route) }
        if let expression = operation["x-amazon-apigateway-route-response-selection-expression"] {
            route["routeResponseSelectionExpression"] = expression
        }
        OwnExtensions.readRoute(operation, into: &route)
        return route
    }

    private func addTarget(
        _ integration: JSONObject, _ method: String, _ place: String, to route: inout JSONObject
    ) throws(Failure) {
        let uri = integration["uri"]?.string ?? ""
        switch integration["type"]?.string?.lowercased() {
        case "aws_proxy": route["function"] = .string(try function(in: uri, place))
        case "aws" where kind == .rest:
            var described = Self.mapped(integration, method)
            described["function"] = .string(try function(in: uri, place))
            route["integration"] = .object(described)
        case "http_proxy" where kind == .rest: addProxy(integration, uri, method, to: &route)
        case "http_proxy": route["url"] = .string(uri)
        case "http" where kind == .rest, "mock" where kind == .rest:
            route["integration"] = .object(Self.mapped(integration, method))
        case "aws":
            throw Failure(
                place: place,
                problem:
                    "has an integration of type 'aws', which maps events by templates; here functions get "
                    + "proxy events only: write aws_proxy.")
        case let type:
            throw Failure(
                place: place,
                problem: "has an integration of type '\(type ?? "")', which is not offered here; "
                    + "write aws_proxy or http_proxy.")
        }
    }

    private func function(in uri: String, _ place: String) throws(Failure) -> String {
        guard let name = AWSNames.function(in: uri) else {
            throw Failure(
                place: place, problem: "names no function in its uri '\(uri)'; write the function's ARN.")
        }
        return name
    }

    /// A route that only signed requests may reach must not become an open one.
    private func refuseSignatures(_ operation: JSONObject, _ place: String) throws(Failure) {
        let schemes = document["components"]?["securitySchemes"]
        let isSigned = (operation["security"]?.array ?? []).contains { requirement in
            (requirement.object?.keys ?? []).contains { name in
                schemes?[name]?["x-amazon-apigateway-authtype"]?.string?.lowercased() == "awssigv4"
            }
        }
        let type = operation["x-amazon-apigateway-auth"]?["type"]?.string?.uppercased() ?? "NONE"
        guard type == "NONE", !isSigned else {
            throw Failure(
                place: place,
                problem:
                    "is for signed requests only (AWS_IAM), which no route here checks; give it a Lambda "
                    + "authorizer, or drop the requirement.")
        }
    }

    // MARK: - Authorizers

    private func authorizers() throws(Failure) -> JSONObject {
        var authorizers = JSONObject()
        for (name, scheme) in document["components"]?["securitySchemes"]?.object ?? JSONObject() {
            guard let details = scheme["x-amazon-apigateway-authorizer"]?.object else { continue }
            let place = "components.securitySchemes.\(name)"
            authorizers[name] = .object(
                try authorizer(details, header: scheme["name"]?.string ?? "Authorization", place))
        }
        return authorizers
    }

    private func authorizer(
        _ details: JSONObject, header: String, _ place: String
    ) throws(Failure) -> JSONObject {
        var authorizer = JSONObject()
        let type = details["type"]?.string?.lowercased() ?? ""
        let sources = (details["identitySource"]?.string ?? "").split(separator: ",").map { source in
            JSONValue.string(String(source.drop { $0 == " " }))
        }
        if type == "jwt" {
            authorizer["type"] = "jwt"
            if !sources.isEmpty { authorizer["identitySource"] = .array(sources) }
            authorizer["issuer"] = details["jwtConfiguration"]?["issuer"]
            authorizer["audience"] = details["jwtConfiguration"]?["audience"]
            OwnExtensions.readAuthorizer(details, into: &authorizer)
            return authorizer
        }
        guard let function = AWSNames.function(in: details["authorizerUri"]?.string ?? "") else {
            throw Failure(
                place: place, problem: "names no function in its authorizerUri; write the function's ARN.")
        }
        // WebSocket APIs have one kind only.
        if kind == .http { authorizer["type"] = "lambda" }
        authorizer["function"] = .string(function)
        if !sources.isEmpty { authorizer["identitySource"] = .array(sources) }
        let ttl = details["authorizerResultTtlInSeconds"]
        if kind == .rest {
            authorizer["type"] = .string(type == "token" ? "TOKEN" : "REQUEST")
            if type == "token" { authorizer["identitySource"] = .string("method.request.header.\(header)") }
            if let pattern = details["identityValidationExpression"] {
                authorizer["identityValidationExpression"] = pattern
            }
            if let ttl { authorizer["authorizerResultTtlInSeconds"] = ttl }
        }
        guard kind == .http else { return authorizer }
        if let ttl { authorizer["resultTtlSeconds"] = ttl }
        if let format = details["authorizerPayloadFormatVersion"] { authorizer["payloadFormat"] = format }
        if let flag = details["enableSimpleResponses"] { authorizer["enableSimpleResponses"] = flag }
        return authorizer
    }
}

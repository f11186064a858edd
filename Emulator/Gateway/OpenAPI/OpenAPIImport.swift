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

    private let document: JSONObject
    private let kind: APIModel.Kind

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
        if kind == .http, let cors = document["x-amazon-apigateway-cors"] { api["cors"] = cors }
        if kind == .rest, let types = document["x-amazon-apigateway-binary-media-types"] {
            api["binaryMediaTypes"] = types
        }
        if let stages = stages { api["stages"] = stages }
        let authorizers = try authorizers()
        if !authorizers.isEmpty { api["authorizers"] = .object(authorizers) }
        api["routes"] = .array(try routes())
        return switch kind {
        case .http: ["httpApi": .object(api)]
        case .rest: ["restApi": .object(api)]
        case .webSocket: ["webSocketApi": .object(api)]
        }
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
        var route = JSONObject()
        let isUsual = operation["isDefaultRoute"]?.bool == true || path == "/$default"
        if kind == .webSocket {
            route["route"] = .string(String(path.dropFirst()))
        } else {
            route["route"] = .string(isUsual ? "$default" : "\(method) \(path)")
        }
        try addTarget(integration, place, to: &route)
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
        if kind == .http, let mapping = integration["requestParameters"] {
            route["requestParameters"] = mapping
        }
        if let expression = operation["x-amazon-apigateway-route-response-selection-expression"] {
            route["routeResponseSelectionExpression"] = expression
        }
        return route
    }

    private func addTarget(
        _ integration: JSONObject, _ place: String, to route: inout JSONObject
    ) throws(Failure) {
        let uri = integration["uri"]?.string ?? ""
        switch integration["type"]?.string?.lowercased() {
        case "aws_proxy", "aws":
            guard let name = FunctionURI.name(in: uri) else {
                throw Failure(
                    place: place, problem: "names no function in its uri '\(uri)'; write the function's ARN.")
            }
            route["function"] = .string(name)
        case "http_proxy", "http": route["url"] = .string(uri)
        case "mock" where kind == .rest: route["integration"] = .object(Self.mock(integration))
        case let type:
            throw Failure(
                place: place,
                problem: "has an integration of type '\(type ?? "")', which is not offered here; "
                    + "write aws_proxy or http_proxy.")
        }
    }

    /// A document has responses by their patterns, a manifest in a list.
    private static func mock(_ integration: JSONObject) -> JSONObject {
        var mock: JSONObject = ["type": "MOCK"]
        if let templates = integration["requestTemplates"] { mock["requestTemplates"] = templates }
        let responses = (integration["responses"]?.object ?? JSONObject()).map {
            pattern, value -> JSONValue in
            var response = value.object ?? JSONObject()
            if pattern != "default" { response["selectionPattern"] = .string(pattern) }
            if let status = response["statusCode"]?.string.flatMap({ Int($0) }) {
                response["statusCode"] = .number(JSONNumber(status))
            }
            return .object(response)
        }
        if !responses.isEmpty { mock["integrationResponses"] = .array(responses) }
        return mock
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
            return authorizer
        }
        guard let function = FunctionURI.name(in: details["authorizerUri"]?.string ?? "") else {
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

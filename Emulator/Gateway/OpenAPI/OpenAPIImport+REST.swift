import JSON

/// What only REST APIs have.
extension OpenAPIImport {
    /// Media types, models, gateway responses and the place of API keys.
    func readREST(into api: inout JSONObject) {
        api["binaryMediaTypes"] = document["x-amazon-apigateway-binary-media-types"]
        api["models"] = document["components"]?["schemas"]
        api["apiKeySource"] = document["x-amazon-apigateway-api-key-source"]
        guard let responses = document["x-amazon-apigateway-gateway-responses"]?.object else { return }
        api["gatewayResponses"] = .object(
            JSONObject(responses.map { ($0.key, .object(Self.withNumber($0.value.object ?? JSONObject()))) }))
    }

    /// What a method wants of its requests, and how its answers are kept.
    func readREST(_ operation: JSONObject, _ integration: JSONObject, into route: inout JSONObject) {
        route["operationName"] = operation["operationId"]
        var required = JSONObject()
        for parameter in operation["parameters"]?.array ?? [] where parameter["required"]?.bool == true {
            guard let name = parameter["name"]?.string else { continue }
            switch parameter["in"]?.string {
            case "header": required["method.request.header.\(name)"] = true
            case "query": required["method.request.querystring.\(name)"] = true
            default: break
            }
        }
        if !required.isEmpty { route["requestParameters"] = .object(required) }
        var models = JSONObject()
        for (type, content) in operation["requestBody"]?["content"]?.object ?? JSONObject() {
            let reference = content["schema"]?["$ref"]?.string?.split(separator: "/").last
            if let reference { models[type] = .string(String(reference)) }
        }
        if !models.isEmpty { route["requestModels"] = .object(models) }
        let usual = document["x-amazon-apigateway-request-validator"]
        if let name = (operation["x-amazon-apigateway-request-validator"] ?? usual)?.string {
            route["requestValidator"] = document["x-amazon-apigateway-request-validators"]?[name]
        }
        if integration["cacheKeyParameters"]?.array?.isEmpty == false {
            route["cacheKeyParameters"] = integration["cacheKeyParameters"]
        }
    }

    /// A URL alone where that says all.
    func addProxy(
        _ integration: JSONObject, _ uri: String, _ method: String, to route: inout JSONObject
    ) {
        let described = Self.target(integration, method)
        if described["httpMethod"] == nil, described["requestParameters"] == nil {
            route["url"] = .string(uri)
        } else {
            route["integration"] = .object(described)
        }
    }

    /// `type`, `uri`, `httpMethod` and `requestParameters` of an integration, as the manifest has them.
    private static func target(_ integration: JSONObject, _ method: String) -> JSONObject {
        var described: JSONObject = ["type": .string(integration["type"]?.string?.uppercased() ?? "")]
        described["uri"] = integration["uri"]
        if let verb = integration["httpMethod"]?.string, verb != method {
            described["httpMethod"] = .string(verb)
        }
        described["requestParameters"] = integration["requestParameters"]
        return described
    }

    /// `HTTP`, `AWS` and `MOCK`. A document has responses by their patterns, a manifest in a list.
    static func mapped(_ integration: JSONObject, _ method: String) -> JSONObject {
        var described = target(integration, method)
        if described["type"] != "HTTP" { described = ["type": described["type"] ?? .null] }
        described["requestTemplates"] = integration["requestTemplates"]
        if let behavior = integration["passthroughBehavior"]?.string?.uppercased(),
            behavior != "WHEN_NO_MATCH"
        {
            described["passthroughBehavior"] = .string(behavior)
        }
        let responses = (integration["responses"]?.object ?? JSONObject()).map { pattern, value in
            var response = withNumber(value.object ?? JSONObject())
            if pattern != "default" { response["selectionPattern"] = .string(pattern) }
            return JSONValue.object(response)
        }
        if !responses.isEmpty { described["integrationResponses"] = .array(responses) }
        return described
    }

    /// Documents have statuses as text.
    private static func withNumber(_ response: JSONObject) -> JSONObject {
        var response = response
        if let status = response["statusCode"]?.string.flatMap({ Int($0) }) {
            response["statusCode"] = .number(JSONNumber(status))
        }
        return response
    }
}

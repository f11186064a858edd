import JSON

/// What is behind a method of the REST API.
extension StackBuilder {
    func integration(of route: JSONValue, path: String) -> JSONValue {
        var result: JSONObject = [:]
        if let function = route["function"]?.string {
            result = [
                "Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": Self.invocation(of: function),
            ]
        } else if let url = route["url"] {
            result = ["Type": "HTTP_PROXY", "IntegrationHttpMethod": "ANY", "Uri": url]
            let variables = Self.variables(in: path)
            if !variables.isEmpty {
                // API Gateway fills in a URL's placeholders only when it is told what they are.
                result["RequestParameters"] = .object(
                    JSONObject(
                        variables.map {
                            ("integration.request.path.\($0)", .string("method.request.path.\($0)"))
                        }))
            }
        } else if let integration = route["integration"] {
            result = described(integration, path: path)
        }
        result["TimeoutInMillis"] = route["timeoutMilliseconds"]
        if let parameters = route["cacheKeyParameters"] { result["CacheKeyParameters"] = parameters }
        return .object(result)
    }

    private func described(_ integration: JSONValue, path: String) -> JSONObject {
        var result: JSONObject = ["Type": integration["type"] ?? "MOCK"]
        if let function = integration["function"]?.string {
            result["IntegrationHttpMethod"] = "POST"
            result["Uri"] = Self.invocation(of: function)
        } else if integration["type"]?.string != "MOCK" {
            result["IntegrationHttpMethod"] = integration["httpMethod"] ?? "ANY"
            result["Uri"] = integration["uri"]
            var parameters = integration["requestParameters"]?.object ?? [:]
            let uri = integration["uri"]?.string ?? ""
            for variable in Self.variables(in: path)
            where Self.variables(in: uri).contains(variable)
                && parameters["integration.request.path.\(variable)"] == nil
            {
                parameters["integration.request.path.\(variable)"] = .string(
                    "method.request.path.\(variable)")
            }
            if !parameters.isEmpty { result["RequestParameters"] = .object(parameters) }
        }
        result["RequestTemplates"] = integration["requestTemplates"]
        result["PassthroughBehavior"] = integration["passthroughBehavior"] ?? "WHEN_NO_MATCH"
        let responses = (integration["integrationResponses"]?.array ?? []).map { response -> JSONValue in
            var entry: JSONObject = ["StatusCode": .string(response["statusCode"]?.encodedString() ?? "200")]
            if response["selectionPattern"]?.string != "" {
                entry["SelectionPattern"] = response["selectionPattern"]
            }
            entry["ResponseParameters"] = response["responseParameters"]
            entry["ResponseTemplates"] = response["responseTemplates"]
            return .object(entry)
        }
        if !responses.isEmpty { result["IntegrationResponses"] = .array(responses) }
        return result
    }

    /// Each status that an integration's answer may get, with the headers that it sets.
    func methodResponses(_ route: JSONValue) -> [JSONValue] {
        var statuses: JSONObject = [:]
        for response in route["integration"]?["integrationResponses"]?.array ?? [] {
            let status = response["statusCode"]?.encodedString() ?? "200"
            var headers = statuses[status]?.object ?? [:]
            for (header, _) in response["responseParameters"]?.object ?? [:] { headers[header] = true }
            statuses[status] = .object(headers)
        }
        return statuses.map { status, headers in
            var entry: JSONObject = ["StatusCode": .string(status)]
            if headers.object?.isEmpty == false { entry["ResponseParameters"] = headers }
            return .object(entry)
        }
    }

    /// Parameters of the request that something of the route reads.
    func usedParameters(_ route: JSONValue) -> [String] {
        let values = (route["integration"]?["requestParameters"]?.object ?? [:]).compactMap {
            $0.value.string
        }
        let keys = (route["cacheKeyParameters"]?.array ?? []).compactMap(\.string)
        return (values + keys).filter {
            $0.hasPrefix("method.request.") && !$0.hasPrefix("method.request.body")
        }
    }

    /// Names in braces, without the sign that makes one take the rest of the path. `${stageVariables.x}` is none.
    static func variables(in text: String) -> [String] {
        var names: [String] = []
        var name: String?
        var before: Character = " "
        for character in text {
            if character == "{" {
                name = before == "$" ? nil : ""
            } else if character == "}", let found = name {
                names.append(found.hasSuffix("+") ? String(found.dropLast()) : found)
                name = nil
            } else {
                name?.append(character)
            }
            before = character
        }
        return names
    }
}

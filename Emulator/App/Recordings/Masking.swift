import Bytes
import JSON

/// Takes secrets out of events and answers before they are written to a disk.
///
/// What is masked: the values of headers that carry credentials, cookies, what
/// authorizers are asked about, and passwords that a user pool's trigger is
/// given. A replay hands the placeholder to the function, which may then answer otherwise; `emulator replay --set`
/// puts a real value in its place.
enum Masking {
    static let placeholder = "***masked***"

    private static let headers: Set<String> = [
        "authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "x-auth-token",
        "x-amz-security-token", "x-csrf-token",
    ]
    private static let parameters: Set<String> = [
        "x-amz-security-token", "x-amz-signature", "access_token", "api_key", "apikey", "token", "password",
    ]

    /// - Returns: the document without secrets, and where they were.
    static func mask(_ document: JSONValue) -> (document: JSONValue, paths: [JSONPath]) {
        guard var root = document.object else { return (document, []) }
        var paths: [JSONPath] = []
        for (section, names) in [
            ("headers", headers), ("multiValueHeaders", headers), ("queryStringParameters", parameters),
            ("multiValueQueryStringParameters", parameters),
        ] {
            guard var members = root[section]?.object else { continue }
            for (name, value) in members where names.contains(name.lowercased()) && !value.isNull {
                members[name] = masked(value)
                paths.append(JSONPath([.name(section), .name(name)]))
            }
            root[section] = .object(members)
        }
        if let cookies = root["cookies"]?.array, !cookies.isEmpty {
            root["cookies"] = .array(cookies.map { masked(cookie: $0) })
            paths.append(JSONPath([.name("cookies")]))
        }
        // The same parameters once more, as they were sent.
        if paths.contains(where: { $0.steps.first == .name("queryStringParameters") }),
            let raw = root["rawQueryString"]?.string, !raw.isEmpty
        {
            root["rawQueryString"] = .string(masked(query: raw))
            paths.append(JSONPath([.name("rawQueryString")]))
        }
        maskAuthorizer(&root, &paths)
        if var request = root["request"]?.object, root["triggerSource"] != nil, request["password"] != nil {
            request["password"] = .string(placeholder)
            root["request"] = .object(request)
            paths.append(JSONPath([.name("request"), .name("password")]))
        }
        return (.object(root), paths)
    }

    /// What a Lambda authorizer is asked about, and the copy of an API key that REST APIs make.
    private static func maskAuthorizer(_ root: inout JSONObject, _ paths: inout [JSONPath]) {
        for name in ["authorizationToken", "identitySource"] {
            guard let value = root[name], !value.isNull else { continue }
            root[name] = masked(value)
            paths.append(JSONPath([.name(name)]))
        }
        guard var context = root["requestContext"]?.object, var identity = context["identity"]?.object,
            let key = identity["apiKey"], !key.isNull
        else { return }
        identity["apiKey"] = masked(key)
        context["identity"] = .object(identity)
        root["requestContext"] = .object(context)
        paths.append(JSONPath([.name("requestContext"), .name("identity"), .name("apiKey")]))
    }

    private static func masked(_ value: JSONValue) -> JSONValue {
        if case .array(let elements) = value { return .array(elements.map { _ in .string(placeholder) }) }
        return .string(placeholder)
    }

    /// The cookie's name says which one it was.
    private static func masked(cookie: JSONValue) -> JSONValue {
        guard let name = cookie.string?.prefix(while: { $0 != "=" }) else { return .string(placeholder) }
        return .string("\(name)=\(placeholder)")
    }

    private static func masked(query: String) -> String {
        query.split(separator: "&", omittingEmptySubsequences: false).map { part in
            let name = part.prefix { $0 != "=" }
            let decoded = PercentEncoding.decode(String(name)) ?? String(name)
            return parameters.contains(decoded.lowercased()) ? "\(name)=\(placeholder)" : String(part)
        }.joined(separator: "&")
    }
}

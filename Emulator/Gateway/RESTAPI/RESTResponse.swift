import Bytes
import HTTPTypes
import JSON

/// Turns what a function returned into the answer of a Lambda proxy integration, as strictly as a REST API does.
enum RESTResponse {
    private static let members: Set = [
        "statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded",
    ]

    /// nil for what a REST API answers with 502.
    ///
    /// - Parameter acceptsBinary: whether the first media type of the request's Accept is a binary one.
    static func response(from payload: [UInt8], acceptsBinary: Bool) -> HTTPResponse? {
        guard let object = (try? JSONValue.parse(payload))?.object, !object.isEmpty,
            object.keys.allSatisfy({ members.contains($0) }), let status = status(object["statusCode"]),
            let headers = headers(object), let text = body(object["body"]),
            let isEncoded = flag(object["isBase64Encoded"])
        else { return nil }
        var body = text.bytes
        if isEncoded, acceptsBinary {
            guard let bytes = Base64.decode(text) else { return nil }
            body = bytes
        }
        return HTTPResponse(
            status: status, headers: headers, body: .bytes(status == 204 || status == 304 ? [] : body))
    }

    /// Absent is 200. A number, or a string that holds one.
    private static func status(_ value: JSONValue?) -> Int? {
        guard let value else { return 200 }
        guard let code = value.int ?? value.string.flatMap({ Int($0) }), (200...599).contains(code) else {
            return nil
        }
        return code
    }

    private static func flag(_ value: JSONValue?) -> Bool? {
        guard let value, !value.isNull else { return false }
        return value.bool ?? value.string.flatMap { Bool($0.lowercased()) }
    }

    private static func body(_ value: JSONValue?) -> String? {
        guard let value, !value.isNull else { return "" }
        return scalar(value)
    }

    private static func scalar(_ value: JSONValue) -> String? {
        value.string ?? value.number?.text ?? value.bool.map { String($0) }
    }

    /// Values of `multiValueHeaders` come first; the same value in `headers` is not sent twice.
    private static func headers(_ object: JSONObject) -> HTTPHeaders? {
        var headers = HTTPHeaders()
        if let value = object["multiValueHeaders"], !value.isNull {
            guard let fields = value.object else { return nil }
            for (name, list) in fields {
                guard let values = list.array else { return nil }
                for value in values {
                    guard let text = scalar(value), add(name, text, to: &headers) else { return nil }
                }
            }
        }
        let single = object["headers"] ?? .null
        guard single.isNull || single.object != nil else { return nil }
        for (name, value) in single.object ?? [:] {
            if value.isNull { continue }
            guard let text = scalar(value) else { return nil }
            if headers.values(name).contains(text) { continue }
            guard add(name, text, to: &headers) else { return nil }
        }
        if !headers.contains("content-type") { headers.add("Content-Type", "application/json") }
        return headers
    }

    private static func add(_ name: String, _ value: String, to headers: inout HTTPHeaders) -> Bool {
        guard FieldSyntax.isToken(name), FieldSyntax.isValue(value) else { return false }
        if let name = HeaderRules.outgoing(name) { headers.add(name, value) }
        return true
    }
}

/// What becomes of header fields of integrations in REST APIs ("Amazon API Gateway important notes").
enum HeaderRules {
    /// The name under which a field leaves; nil when it does not.
    static func outgoing(_ name: String) -> String? {
        switch name.lowercased() {
        case "transfer-encoding", "keep-alive", "te", "proxy-connection": nil
        case "authorization", "connection", "content-length", "content-md5", "date", "expect", "host",
            "max-forwards", "proxy-authenticate", "server", "trailer", "upgrade", "user-agent",
            "www-authenticate", "x-amzn-requestid":
            "x-amzn-Remapped-\(name)"
        default: name
        }
    }

    /// An HTTP integration's answer under the names of a REST API.
    static func renamed(_ headers: HTTPHeaders) -> HTTPHeaders {
        var renamed = HTTPHeaders()
        renamed.reserveCapacity(headers.count + 4)
        for (name, value) in headers {
            if let name = outgoing(name) { renamed.add(name, value) }
        }
        return renamed
    }
}

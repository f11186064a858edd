import Bytes
import Clock
import HTTPTypes
import JSON

/// What an event is made of.
struct EventParts {
    let request: HTTPRequest
    let body: [UInt8]
    let match: RouteMatch
    let stage: Stage
    let authorization: Authorization?
    let requestID: String
    let traceID: String
    let now: Timestamp
}

/// Turns a request into the event of payload format 1.0 as HTTP APIs have it. What is absent is null here, and maps
/// with one value for a name hold the last one.
struct EventEncoderV1: Sendable {
    let configuration: HTTPAPIConfiguration

    func encode(_ parts: EventParts) -> [UInt8] {
        let request = parts.request
        let headers = MultiValues.headers(request, traceID: parts.traceID)
        let query = MultiValues.query(request)
        let text = EventEncoder.text(of: parts.body, type: request.headers["content-type"])
        var event = JSONWriter(capacity: 2_048 + parts.body.count)
        event.openObject()
        event.member("version", "1.0")
        event.member("resource", Self.resource(parts.match.route.key))
        event.member("path", PercentEncoding.decode(request.path) ?? request.path)
        event.member("httpMethod", request.method)
        event.member("headers", headers.last)
        event.member("multiValueHeaders", headers.all)
        event.member("queryStringParameters", query.last)
        event.member("multiValueQueryStringParameters", query.all)
        event.member("requestContext", context(parts))
        event.member("pathParameters", Self.texts(parts.match.pathParameters))
        event.member("stageVariables", parts.stage.variablesJSON ?? .null)
        event.member(
            "body", parts.body.isEmpty ? .null : .string(text ?? Base64.encode(parts.body)))
        event.member("isBase64Encoded", .bool(!parts.body.isEmpty && text == nil))
        event.closeObject()
        return event.bytes
    }

    /// `/pets/{id}` of `GET /pets/{id}`; `$default` is its own.
    static func resource(_ key: String) -> String {
        key.firstIndex(of: " ").map { String(key[key.index(after: $0)...]) } ?? key
    }

    static func texts(_ values: [String: String]) -> JSONValue {
        values.isEmpty ? .null : .object(JSONObject(sorted: values))
    }

    private func context(_ parts: EventParts) -> JSONValue {
        let request = parts.request
        let host = HostName(of: request)
        let path = PercentEncoding.decode(request.path) ?? request.path
        let identity: JSONValue = [
            "accessKey": nil, "accountId": nil, "caller": nil, "cognitoAuthenticationProvider": nil,
            "cognitoAuthenticationType": nil, "cognitoIdentityId": nil, "cognitoIdentityPoolId": nil,
            "principalOrgId": nil, "sourceIp": .string(request.peerAddress), "user": nil,
            "userAgent": .string(request.headers["user-agent"] ?? ""), "userArn": nil,
        ]
        return [
            "accountId": .string(configuration.accountID), "apiId": .string(configuration.apiID),
            "authorizer": parts.authorization?.jsonV1 ?? ["claims": nil, "scopes": nil],
            "domainName": .string(host.domain), "domainPrefix": .string(host.prefix),
            "extendedRequestId": .string(parts.requestID), "httpMethod": .string(request.method),
            "identity": identity, "path": .string(path), "protocol": "HTTP/1.1",
            "requestId": .string(parts.requestID), "requestTime": .string(parts.now.commonLog),
            "requestTimeEpoch": .number(JSONNumber(parts.now.milliseconds)), "resourceId": nil,
            "resourcePath": .string(Self.resource(parts.match.route.key)), "stage": .string(parts.stage.name),
        ]
    }
}

/// Headers or query parameters as format 1.0 has them: the last value of each name, and all values.
struct MultiValues {
    private var values: [(name: String, values: [JSONValue])] = []
    private var positions: [String: Int] = [:]

    private mutating func add(_ name: String, _ value: String) {
        if let position = positions[name] {
            values[position].values.append(.string(value))
        } else {
            positions[name] = values.count
            values.append((name, [.string(value)]))
        }
    }

    private mutating func set(_ name: String, _ value: String) {
        if let position = positions[name] { values[position].values = [] }
        add(name, value)
    }

    var last: JSONValue {
        values.isEmpty ? .null : .object(JSONObject(values.map { ($0.name, $0.values[$0.values.count - 1]) }))
    }

    var all: JSONValue {
        values.isEmpty ? .null : .object(JSONObject(values.map { ($0.name, .array($0.values)) }))
    }

    static func query(_ request: HTTPRequest) -> MultiValues {
        var result = MultiValues()
        for item in Query.parse(request.rawQuery) { result.add(item.name, item.value) }
        return result
    }

    /// Those that the gateway adds have their usual case, all others are in small letters.
    static func headers(_ request: HTTPRequest, traceID: String) -> MultiValues {
        var result = MultiValues()
        for (name, value) in request.headers {
            let name = name.lowercased()
            result.add(usual[name] ?? name, value)
        }
        result.set("X-Forwarded-For", request.forwardedFor)
        result.set("X-Forwarded-Port", HostName(of: request).port)
        result.set("X-Forwarded-Proto", "http")
        if result.positions["X-Amzn-Trace-Id"] == nil { result.add("X-Amzn-Trace-Id", traceID) }
        return result
    }

    private static let usual = [
        "content-length": "Content-Length", "host": "Host", "user-agent": "User-Agent",
        "x-amzn-trace-id": "X-Amzn-Trace-Id", "x-forwarded-for": "X-Forwarded-For",
        "x-forwarded-port": "X-Forwarded-Port", "x-forwarded-proto": "X-Forwarded-Proto",
    ]
}

import Bytes
import Clock
import HTTPTypes
import JSON

/// Turns a request into the event of a function URL: payload format 2.0 with differences from that of an HTTP API
/// ("Invoking Lambda function URLs"). Paths keep their escapes, there are no path parameters and no stage
/// variables, and whoever calls is `anonymous` or told in full.
struct FunctionURLEvent {
    let urlID: String
    /// Of the function's owner.
    let accountID: String
    /// The key that signed; nil when nobody had to.
    let accessKeyID: String?
    let requestID: String
    let traceID: String
    let now: Timestamp

    func encode(_ request: HTTPRequest, body: [UInt8]) -> [UInt8] {
        let host = request.headers["Host"] ?? "localhost"
        let (headers, cookies) = Self.headers(request, host: host, traceID: traceID)
        var event: JSONObject = [
            "version": "2.0", "routeKey": "$default", "rawPath": .string(request.path),
            "rawQueryString": .string(request.rawQuery),
        ]
        if !cookies.isEmpty { event.append("cookies", .array(cookies.map { .string($0) })) }
        event.append("headers", .object(headers))
        let query = Self.query(request.rawQuery)
        if !query.isEmpty { event.append("queryStringParameters", .object(query)) }
        event.append("requestContext", context(request, domain: String(host.prefix { $0 != ":" })))
        let text =
            Self.isText(request.headers["Content-Type"]) ? String(validating: body, as: UTF8.self) : nil
        if !body.isEmpty { event.append("body", .string(text ?? Base64.encode(body))) }
        event.append("isBase64Encoded", .bool(!body.isEmpty && text == nil))
        return JSONValue.object(event).encoded()
    }

    private func context(_ request: HTTPRequest, domain: String) -> JSONValue {
        var context: JSONObject = [
            "accountId": .string(accessKeyID == nil ? "anonymous" : accountID), "apiId": .string(urlID),
        ]
        if let accessKeyID {
            context.append(
                "authorizer",
                [
                    "iam": [
                        "accessKey": .string(accessKeyID), "accountId": .string(accountID),
                        "callerId": .string(accountID), "cognitoIdentity": nil, "principalOrgId": nil,
                        "userArn": .string("arn:aws:iam::\(accountID):root"), "userId": .string(accountID),
                    ]
                ])
        }
        context.append("domainName", .string(domain))
        context.append("domainPrefix", .string(urlID))
        context.append(
            "http",
            [
                "method": .string(request.method), "path": .string(request.path), "protocol": "HTTP/1.1",
                "sourceIp": .string(request.peerAddress),
                "userAgent": .string(request.headers["User-Agent"] ?? ""),
            ])
        context.append("requestId", .string(requestID))
        context.append("routeKey", "$default")
        context.append("stage", "$default")
        context.append("time", .string(now.commonLog))
        context.append("timeEpoch", .number(JSONNumber(now.milliseconds)))
        return .object(context)
    }

    /// Lower-case names, values of one name joined, cookies apart; what a caller says in the front end's headers
    /// is replaced.
    private static func headers(
        _ request: HTTPRequest, host: String, traceID: String
    ) -> (JSONObject, cookies: [String]) {
        var fields = JSONObject()
        var cookies: [String] = []
        for (name, value) in request.headers {
            let name = name.lowercased()
            if name.hasPrefix("x-forwarded-") || name.hasPrefix("x-amzn-") { continue }
            if name == "cookie" {
                cookies += value.split(separator: ";").map { String($0.drop { $0 == " " }) }.filter {
                    !$0.isEmpty
                }
            } else if let before = fields[name]?.string {
                fields[name] = .string(before + "," + value)
            } else {
                fields.append(name, .string(value))
            }
        }
        let port = host.split(separator: ":").dropFirst().last.map(String.init) ?? "80"
        fields["x-amzn-trace-id"] = .string(traceID)
        fields["x-forwarded-for"] = .string(request.peerAddress)
        fields["x-forwarded-port"] = .string(port)
        fields["x-forwarded-proto"] = "http"
        return (fields, cookies)
    }

    /// Values of one name joined with commas, in the order of their first appearance.
    private static func query(_ raw: String) -> JSONObject {
        var joined = JSONObject()
        for item in Query.parse(raw) {
            let before = joined[item.name]?.string
            joined[item.name] = .string(before.map { $0 + "," + item.value } ?? item.value)
        }
        return joined
    }

    /// The types whose body is handed over as it is; every other one, and none at all, in base64.
    static func isText(_ contentType: String?) -> Bool {
        guard let contentType else { return false }
        let type = contentType.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        return type.hasPrefix("text/") || type.hasSuffix("+json") || type.hasSuffix("+xml")
            || ["application/json", "application/xml", "application/javascript"].contains(type)
    }
}

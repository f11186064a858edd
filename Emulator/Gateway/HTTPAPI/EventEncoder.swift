import Bytes
import Clock
import HTTPTypes
import JSON

/// Turns a request into the event of payload format 2.0 ("Create AWS Lambda proxy integrations for HTTP APIs").
/// Fields stand in AWS's order, and what is absent is left out rather than null.
struct EventEncoder: Sendable {
    let configuration: HTTPAPIConfiguration

    func encode(
        _ request: HTTPRequest, body: [UInt8], match: RouteMatch, requestID: String, traceID: String,
        now: Timestamp, stage: Stage, authorization: Authorization? = nil
    ) -> [UInt8] {
        let path = PercentEncoding.decode(request.path) ?? request.path
        let headers = EventHeaders(request, traceID: traceID)
        var event = JSONWriter(capacity: 1_024 + body.count)
        event.openObject()
        event.member("version", "2.0")
        event.member("routeKey", match.route.key)
        event.member("rawPath", path)
        event.member("rawQueryString", request.rawQuery)
        if !headers.cookies.isEmpty { event.member("cookies", .array(headers.cookies.map { .string($0) })) }
        event.member("headers", headers.json)
        let query = Self.joinedQuery(request.rawQuery)
        if !query.isEmpty { event.member("queryStringParameters", .object(query)) }
        event.openObject("requestContext")
        writeContext(
            request, path, headers.host, match, requestID, now, stage, authorization, into: &event)
        event.closeObject()
        let text = Self.text(of: body, type: request.headers["content-type"])
        if !body.isEmpty { event.member("body", text ?? Base64.encode(body)) }
        if !match.pathParameters.isEmpty {
            event.openObject("pathParameters")
            for (name, value) in match.pathParameters.sorted(by: { $0.key < $1.key }) {
                event.member(name, value)
            }
            event.closeObject()
        }
        event.member("isBase64Encoded", .bool(!body.isEmpty && text == nil))
        if let variables = stage.variablesJSON { event.member("stageVariables", variables) }
        event.closeObject()
        return event.bytes
    }

    /// The members of `requestContext`.
    func writeContext(
        _ request: HTTPRequest, _ path: String, _ host: HostName, _ match: RouteMatch, _ requestID: String,
        _ now: Timestamp, _ stage: Stage, _ authorization: Authorization?, into event: inout JSONWriter
    ) {
        event.member("accountId", configuration.accountID)
        event.member("apiId", configuration.apiID)
        if let authorization { event.member("authorizer", authorization.jsonV2) }
        event.member("domainName", host.domain)
        event.member("domainPrefix", host.prefix)
        event.openObject("http")
        event.member("method", request.method)
        event.member("path", path)
        event.member("protocol", "HTTP/1.1")
        event.member("sourceIp", request.peerAddress)
        event.member("userAgent", request.headers["user-agent"] ?? "")
        event.closeObject()
        event.member("requestId", requestID)
        event.member("routeKey", match.route.key)
        event.member("stage", stage.name)
        event.member("time", now.commonLog)
        event.member("timeEpoch", .number(JSONNumber(now.milliseconds)))
    }

    /// Repeated names are joined with a comma, in the order of their first appearance.
    static func joinedQuery(_ raw: String) -> JSONObject {
        var joined = JSONObject()
        guard !raw.isEmpty else { return joined }
        for item in Query.parse(raw) {
            if let before = joined[item.name]?.string {
                joined[item.name] = .string(before + "," + item.value)
            } else {
                joined.append(item.name, .string(item.value))
            }
        }
        return joined
    }

    /// A body as text; nil when it has to be base64.
    static func text(of body: [UInt8], type: String?) -> String? {
        isText(type) ? String(validating: body, as: UTF8.self) : nil
    }

    /// The types whose body is handed over as text; every other one, and none at all, is base64.
    static func isText(_ contentType: String?) -> Bool {
        guard let contentType else { return false }
        // What most requests say is told without a look at each character.
        if contentType == "application/json" { return true }
        let bytes = contentType.utf8.prefix { $0 != UInt8(ascii: ";") }.filter { $0 != UInt8(ascii: " ") }
        let type = String(decoding: bytes, as: UTF8.self).lowercased()
        return type.hasPrefix("text/")
            || ["application/json", "application/xml", "application/javascript"].contains(type)
    }
}

/// The headers of a request as the event shows them: lower-case names, duplicates joined, cookies apart.
struct EventHeaders {
    private(set) var cookies: [String] = []
    private var fields = JSONObject()
    /// The one that the client has named.
    let host: HostName

    init(_ request: HTTPRequest, traceID: String) {
        for (name, value) in request.headers {
            let name = name.lowercased()
            if name == "cookie" {
                cookies += value.split(separator: ";").map { Self.trimmed($0) }.filter { !$0.isEmpty }
            } else if let before = fields[name]?.string {
                fields[name] = .string(before + "," + value)
            } else {
                fields.append(name, .string(value))
            }
        }
        host = HostName(fields["host"]?.string ?? "localhost")
        fields["x-forwarded-for"] = .string(request.forwardedFor)
        fields["x-forwarded-port"] = .string(host.port)
        fields["x-forwarded-proto"] = "http"
        if fields["x-amzn-trace-id"] == nil { fields["x-amzn-trace-id"] = .string(traceID) }
    }

    var json: JSONValue { .object(fields) }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

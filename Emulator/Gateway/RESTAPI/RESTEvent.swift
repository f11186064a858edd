import Bytes
import HTTPTypes
import JSON

/// The event of a Lambda proxy integration of a REST API ("Input format of a Lambda function for proxy integration").
/// Members stand in AWS's order; what is absent is null.
struct RESTEvent {
    let configuration: RESTAPIConfiguration

    func encode(_ exchange: RESTExchange) -> [UInt8] {
        let headers = Self.headers(exchange)
        let isBinary =
            !exchange.body.isEmpty
            && MediaTypes.match(exchange.request.headers["content-type"], configuration.binaryMediaTypes)
        var event = JSONWriter(capacity: 2_048 + exchange.body.count)
        event.openObject()
        event.member("resource", exchange.method?.resource ?? "")
        event.member("path", exchange.path)
        event.member("httpMethod", exchange.httpMethod)
        event.member("headers", Self.object(headers) { $0.last.map { JSONValue.string($0) } ?? .null })
        event.member("multiValueHeaders", Self.object(headers) { .array($0.map { .string($0) }) })
        let query = Self.grouped(exchange.query.map { ($0.name, $0.value) }) { $0 == $1 }
        event.member(
            "queryStringParameters", Self.object(query) { $0.last.map { JSONValue.string($0) } ?? .null })
        event.member("multiValueQueryStringParameters", Self.object(query) { .array($0.map { .string($0) }) })
        event.member("pathParameters", Self.map(exchange.pathParameters))
        event.member("stageVariables", Self.map(exchange.stage?.variables ?? []))
        event.member(
            "requestContext", .object(RESTContext(configuration: configuration).object(exchange)))
        if exchange.body.isEmpty {
            event.member("body", .null)
        } else {
            event.member("body", isBinary ? Base64.encode(exchange.body) : String(utf8: exchange.body))
        }
        event.member("isBase64Encoded", .bool(isBinary))
        event.closeObject()
        return event.bytes
    }

    typealias Group = (name: String, values: [String])

    /// The client's fields in its own spelling, without those of the connection, and what the gateway adds.
    static func headers(_ exchange: RESTExchange) -> [Group] {
        var fields: [(String, String)] = []
        for (name, value) in exchange.request.headers {
            switch name.lowercased() {
            case "connection", "content-length", "transfer-encoding", "x-forwarded-for", "x-forwarded-port",
                "x-forwarded-proto", "x-amzn-trace-id":
                continue
            case "authorization": fields.append(("Authorization", value))
            case "user-agent": fields.append(("User-Agent", value))
            case "host": fields.append(("Host", value))
            default: fields.append((name, value))
            }
        }
        let request = exchange.request
        let before = request.headers.values("x-forwarded-for")
        let port =
            exchange.host.utf8.count > exchange.domainName.utf8.count
            ? String(exchange.host.dropFirst(exchange.domainName.count + 1)) : "80"
        fields.append(("X-Amzn-Trace-Id", exchange.traceID))
        fields.append(("X-Forwarded-For", (before + [request.peerAddress]).joined(separator: ", ")))
        fields.append(("X-Forwarded-Port", port))
        fields.append(("X-Forwarded-Proto", "http"))
        return grouped(fields, by: HTTPHeaders.sameName)
    }

    /// Values of one name together, names in the order of their first appearance.
    static func grouped(_ pairs: [(String, String)], by isSame: (String, String) -> Bool) -> [Group] {
        var groups: [Group] = []
        for (name, value) in pairs {
            if let index = groups.firstIndex(where: { isSame($0.name, name) }) {
                groups[index].values.append(value)
            } else {
                groups.append((name, [value]))
            }
        }
        return groups
    }

    private static func object(_ groups: [Group], _ value: ([String]) -> JSONValue) -> JSONValue {
        guard !groups.isEmpty else { return .null }
        var object = JSONObject()
        for group in groups { object.append(group.name, value(group.values)) }
        return .object(object)
    }

    static func map(_ pairs: [(name: String, value: String)]) -> JSONValue {
        guard !pairs.isEmpty else { return .null }
        return .object(JSONObject(pairs.map { ($0.name, JSONValue.string($0.value)) }))
    }
}

/// `binaryMediaTypes`.
enum MediaTypes {
    /// Whether a media type, whose parameters do not count, is one of these, or of a range such as `image/*`.
    static func match(_ type: String?, _ list: [String]) -> Bool {
        guard !list.isEmpty else { return false }
        if list.contains("*/*") { return true }
        guard let type else { return false }
        let plain = plain(type)
        return list.contains { entry in
            let entry = entry.lowercased()
            return entry == plain || entry.hasSuffix("/*") && plain.hasPrefix(entry.dropLast())
        }
    }

    /// Without parameters, in small letters.
    static func plain(_ type: String) -> String {
        type.prefix { $0 != ";" }.lowercased().filter { $0 != " " && $0 != "\t" }
    }

    /// The first one of an Accept field.
    static func first(_ accept: String?) -> String? {
        accept.map { plain(String($0.prefix { $0 != "," })) }
    }
}

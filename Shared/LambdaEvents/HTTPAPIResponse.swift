import Bytes
import HTTPTypes
import JSON

/// What a function answers to an HTTP API, payload format 2.0.
///
/// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
public struct HTTPAPIResponse: Sendable, Equatable {
    /// 100 to 599.
    public var statusCode: Int
    public var headers: HTTPHeaders
    /// One `set-cookie` header each, in this order.
    public var cookies: [String]
    public var body: String?
    /// Whether `body` is base 64 and the client gets the bytes behind it.
    public var isBase64Encoded: Bool

    public init(
        statusCode: Int = 200, headers: HTTPHeaders = HTTPHeaders(), cookies: [String] = [],
        body: String? = nil, isBase64Encoded: Bool = false
    ) {
        self.statusCode = statusCode
        self.headers = headers
        self.cookies = cookies
        self.body = body
        self.isBase64Encoded = isBase64Encoded
    }

    /// A response with any bytes for a body.
    public init(statusCode: Int = 200, headers: HTTPHeaders = HTTPHeaders(), bytes: [UInt8]) {
        self.init(
            statusCode: statusCode, headers: headers, body: Base64.encode(bytes), isBase64Encoded: true)
    }

    /// The response as a function returns it. A JSON object has room for one value of each name:
    /// repeated fields are joined with commas, and `set-cookie`, which cannot be joined (RFC 6265,
    /// section 3), goes to the cookies.
    public func json() -> JSONValue {
        var fields = JSONObject()
        var cookies = cookies
        for (name, value) in headers {
            let name = name.lowercased()
            if name == "set-cookie" {
                cookies.append(value)
            } else if let before = fields[name]?.string {
                fields[name] = .string("\(before),\(value)")
            } else {
                fields.append(name, .string(value))
            }
        }
        var response = JSONObject()
        response.reserveCapacity(5)
        response.append("statusCode", .number(JSONNumber(statusCode)))
        response.append("headers", .object(fields))
        if !cookies.isEmpty { response.append("cookies", .array(cookies.map { .string($0) })) }
        if let body { response.append("body", .string(body)) }
        response.append("isBase64Encoded", .bool(isBase64Encoded))
        return .object(response)
    }

    /// ``json()`` as text, without a tree where no field needs to be joined with another or renamed.
    public func encoded() -> [UInt8] {
        guard hasPlainFields else { return json().encoded() }
        var text = JSONWriter(capacity: 1_024 + (body?.utf8.count ?? 0))
        text.openObject()
        text.member("statusCode", .number(JSONNumber(statusCode)))
        text.openObject("headers")
        headers.forEachField { text.member(utf8: $0.name, $0.value) }
        text.closeObject()
        if !cookies.isEmpty { text.member("cookies", .array(cookies.map { .string($0) })) }
        if let body { text.member("body", body) }
        text.member("isBase64Encoded", .bool(isBase64Encoded))
        text.closeObject()
        return text.bytes
    }

    /// Whether the names of all fields are lower-case, differ, and stay among the headers.
    private var hasPlainFields: Bool {
        !headers.containsField { field in
            var same = 0
            headers.forEachField { if $0.name.elementsEqual(field.name) { same += 1 } }
            return same > 1 || field.isNamed("set-cookie")
                || field.name.contains { $0 >= 0x80 || (0x41...0x5A).contains($0) }
        }
    }
}

extension HTTPAPIResponse {
    /// The bytes the client gets; empty when there is no body.
    public func bodyBytes() throws(EventDecodingError) -> [UInt8] {
        guard let body else { return [] }
        guard isBase64Encoded else { return body.bytes }
        guard let bytes = Base64.decode(body) else {
            throw EventDecodingError(field: "body", reason: "is not base64, though isBase64Encoded says so")
        }
        return bytes
    }
}

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

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
    /// What the gateway makes of a function's result. An object with `statusCode` is a response; any
    /// other JSON is itself the body of a 200 with `content-type: application/json`, a string without
    /// its quotes. Throws when `statusCode` is there but the rest has the wrong shape, which the
    /// gateway answers with 500.
    public init(json: JSONValue) throws(EventDecodingError) {
        guard let status = json["statusCode"], !status.isNull else {
            self.init(
                headers: ["content-type": "application/json"], body: json.string ?? json.encodedString())
            return
        }
        let response = try FieldDecoder(json)
        // A status may be a string of digits.
        guard let statusCode = status.int ?? status.string.flatMap({ Int($0) }),
            (100...599).contains(statusCode)
        else {
            throw EventDecodingError(field: "statusCode", reason: "must be a status from 100 to 599")
        }
        try self.init(
            statusCode: statusCode, headers: HTTPAPIResponse.headers(response),
            cookies: response.strings("cookies"), body: response.string("body"),
            isBase64Encoded: response.bool("isBase64Encoded") ?? false)
    }

    /// Header values may be strings, numbers or booleans; null means no such header.
    private static func headers(_ response: FieldDecoder) throws(EventDecodingError) -> HTTPHeaders {
        var headers = HTTPHeaders()
        guard let value = response.value("headers") else { return headers }
        guard let fields = value.object else { throw response.wrongType("headers", "an object", value) }
        for (name, field) in fields {
            switch field {
            case .null: continue
            case .string(let text): headers.add(name, text)
            case .number(let number): headers.add(name, number.text)
            case .bool(let bool): headers.add(name, bool ? "true" : "false")
            case .array, .object: throw response.wrongType("headers.\(name)", "a string", field)
            }
        }
        return headers
    }

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

import Bytes
import HTTPTypes
import JSON

/// Turns what a function returned into the HTTP answer, by the rules of payload format 2.0.
enum ResponseDecoder {
    /// Headers that describe one connection, or that the gateway computes itself.
    private static func isDropped(_ name: String) -> Bool {
        switch name.utf8.count {
        case 2: name == "te"
        case 7: name == "trailer" || name == "upgrade"
        case 10: name == "connection" || name == "keep-alive"
        case 14: name == "content-length"
        case 17: name == "transfer-encoding"
        case 18: name == "proxy-authenticate"
        case 19: name == "proxy-authorization"
        default: false
        }
    }

    /// nil when the payload has no valid shape, which the caller answers with 500.
    static func response(from payload: [UInt8]) -> HTTPResponse? {
        if let response = payload.withUnsafeBufferPointer({ Self.usual($0) }) { return response }
        guard let value = try? JSONValue.parse(payload) else { return nil }
        guard let object = value.object, let status = object["statusCode"], !status.isNull else {
            return inferred(value)
        }
        guard let code = statusCode(status), let body = body(of: object), var headers = headers(of: object)
        else {
            return nil
        }
        if headers["content-type"] == nil { headers.add("content-type", "text/plain;charset=UTF-8") }
        for cookie in object["cookies"]?.array ?? [] {
            guard let text = cookie.string, FieldSyntax.isValue(text) else { return nil }
            headers.add("set-cookie", text)
        }
        let isBodyless = code == 204 || code == 304
        return HTTPResponse(status: code, headers: headers, body: .bytes(isBodyless ? [] : body))
    }

    /// Payload format 1.0: nothing is inferred, so a status code has to be there; values of `multiValueHeaders` come
    /// beside those of `headers`.
    static func responseV1(from payload: [UInt8]) -> HTTPResponse? {
        guard let object = (try? JSONValue.parse(payload))?.object,
            let code = object["statusCode"].flatMap({ statusCode($0) }), let body = body(of: object),
            let single = headers(of: object), var headers = multiValueHeaders(of: object)
        else { return nil }
        for (name, value) in single where !headers.values(name).contains(value) { headers.add(name, value) }
        if headers["content-type"] == nil { headers.add("content-type", "text/plain;charset=UTF-8") }
        let isBodyless = code == 204 || code == 304
        return HTTPResponse(status: code, headers: headers, body: .bytes(isBodyless ? [] : body))
    }

    private static func multiValueHeaders(of object: JSONObject) -> HTTPHeaders? {
        var headers = HTTPHeaders()
        guard let value = object["multiValueHeaders"], !value.isNull else { return headers }
        guard let fields = value.object else { return nil }
        for (name, values) in fields {
            let name = name.lowercased()
            guard isFieldName(name), let values = values.array else { return nil }
            for value in values where !isDropped(name) {
                guard let text = scalar(value), FieldSyntax.isValue(text) else { return nil }
                headers.add(name, text)
            }
        }
        return headers
    }

    /// An answer of the shape that nearly all have, read without a tree; nil when something is unusual, be it right
    /// or wrong.
    private static func usual(_ payload: UnsafeBufferPointer<UInt8>) -> HTTPResponse? {
        var reader = JSONReader(payload)
        var response = HTTPResponse(status: 0)
        var body: String?
        var isBase64 = false
        reader.enterObject()
        while let name = reader.nextName() {
            switch name {
            case "statusCode": response.status = reader.value()?.int ?? 0
            case "headers":
                guard response.headers.isEmpty, readHeaders(&reader, &response.headers) else { return nil }
            case "body": body = reader.string()
            case "isBase64Encoded": isBase64 = reader.bool() ?? false
            case "cookies": return nil
            default: _ = reader.value()
            }
        }
        guard reader.isComplete(), (200...599).contains(response.status) else { return nil }
        if response.headers["content-type"] == nil {
            response.headers.add("content-type", "text/plain;charset=UTF-8")
        }
        guard let body, response.status != 204, response.status != 304 else { return response }
        guard let bytes = isBase64 ? Base64.decode(body) : body.bytes else { return nil }
        response.body = .bytes(bytes)
        return response
    }

    private static func readHeaders(_ reader: inout JSONReader, _ headers: inout HTTPHeaders) -> Bool {
        headers.reserveCapacity(8)
        reader.enterObject()
        while let name = reader.nextName() {
            let name = name.text
            guard isFieldName(name), !isDropped(name), !headers.contains(name), let text = reader.string(),
                FieldSyntax.isValue(text)
            else { return false }
            headers.add(name, text)
        }
        return true
    }

    /// Any JSON without a status code is itself the body; a string is sent without its quotes.
    private static func inferred(_ value: JSONValue) -> HTTPResponse {
        HTTPResponse(
            status: 200, headers: ["content-type": "application/json"],
            body: .bytes(value.string.map { $0.bytes } ?? value.encoded()))
    }

    /// A number, or a string that holds one. A final status: 1xx would leave the client waiting for another.
    private static func statusCode(_ value: JSONValue) -> Int? {
        guard let code = value.int ?? value.string.flatMap({ Int($0) }), (200...599).contains(code) else {
            return nil
        }
        return code
    }

    private static func body(of object: JSONObject) -> [UInt8]? {
        guard let body = object["body"], !body.isNull else { return [] }
        guard let text = body.string else { return nil }
        return object["isBase64Encoded"]?.bool == true ? Base64.decode(text) : text.bytes
    }

    private static func headers(of object: JSONObject) -> HTTPHeaders? {
        var headers = HTTPHeaders()
        guard let value = object["headers"], !value.isNull else { return headers }
        guard let fields = value.object else { return nil }
        for (name, field) in fields {
            let name = name.lowercased()
            guard isFieldName(name) else { return nil }
            if isDropped(name) || field.isNull { continue }
            guard let text = scalar(field), FieldSyntax.isValue(text) else { return nil }
            headers.add(name, text)
        }
        return headers
    }

    private static func scalar(_ value: JSONValue) -> String? {
        value.string ?? value.number?.text ?? value.bool.map { String($0) }
    }

    /// RFC 9110 token; anything else would let a function write a second header or response.
    private static func isFieldName(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { bytes in
            for byte in bytes {
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): continue
                // ! # $ % & ' * + - . ^ _ ` | ~
                case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: continue
                default: return false
                }
            }
            return !bytes.isEmpty
        }
    }
}

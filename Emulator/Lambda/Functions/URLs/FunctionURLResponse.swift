import Bytes
import HTTPTypes
import JSON

/// Turns what a function returned into the answer of its URL ("Response payload format").
enum FunctionURLResponse {
    /// Headers that describe one connection, or that the front end sets itself.
    private static let dropped: Set<String> = [
        "connection", "content-length", "keep-alive", "proxy-authenticate", "proxy-authorization", "te",
        "trailer",
        "transfer-encoding", "upgrade",
    ]

    /// nil when the payload has no valid shape, which is answered with 502.
    static func response(from payload: [UInt8]) -> HTTPResponse? {
        guard let value = try? JSONValue.parse(payload, limits: JSONLimits(maxDepth: 1_000)) else {
            return nil
        }
        guard let object = value.object, let status = object["statusCode"], !status.isNull else {
            // Any other JSON is itself the body; a string comes without its quotes.
            return HTTPResponse(
                status: 200, headers: ["Content-Type": "application/json"],
                body: .bytes(value.string.map { $0.bytes } ?? value.encoded()))
        }
        guard let code = status.int ?? status.string.flatMap({ Int($0) }), (200...599).contains(code),
            let body = body(of: object), var headers = headers(object["headers"])
        else { return nil }
        if !headers.contains("Content-Type") { headers.add("Content-Type", "application/json") }
        if let cookies = object["cookies"], !cookies.isNull {
            guard let list = cookies.array else { return nil }
            for cookie in list {
                guard let text = cookie.string, isValue(text) else { return nil }
                headers.add("Set-Cookie", text)
            }
        }
        return HTTPResponse(
            status: code, headers: headers, body: .bytes(code == 204 || code == 304 ? [] : body))
    }

    private static func body(of object: JSONObject) -> [UInt8]? {
        guard let body = object["body"], !body.isNull else { return [] }
        guard let text = body.string else { return nil }
        return object["isBase64Encoded"]?.bool == true ? Base64.decode(text) : text.bytes
    }

    /// What a streamed answer's prelude says; what cannot be a header is left out.
    static func head(_ prelude: HTTPPrelude) -> HTTPResponse {
        var headers = HTTPHeaders()
        for (name, value) in prelude.headers
        where !dropped.contains(name.lowercased()) && isName(name) && isValue(value) {
            headers.add(name, value)
        }
        if !headers.contains("Content-Type") { headers.add("Content-Type", "application/octet-stream") }
        for cookie in prelude.cookies where isValue(cookie) { headers.add("Set-Cookie", cookie) }
        return HTTPResponse(status: prelude.statusCode, headers: headers)
    }

    private static func isName(_ name: String) -> Bool { Patterns.isWord(name, also: "!#$%&'*+-.^_`|~") }

    /// nil when a name or a value cannot be a header's.
    private static func headers(_ value: JSONValue?) -> HTTPHeaders? {
        var headers = HTTPHeaders()
        guard let value, !value.isNull else { return headers }
        guard let fields = value.object else { return nil }
        for (name, field) in fields {
            if field.isNull || dropped.contains(name.lowercased()) { continue }
            guard let text = field.string ?? field.number?.text ?? field.bool.map({ "\($0)" }), isValue(text),
                isName(name)
            else { return nil }
            headers.add(name, text)
        }
        return headers
    }

    private static func isValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
    }

    // MARK: - The front end's own answers

    /// For whatever a function does wrong.
    static let badGateway = HTTPResponse(
        status: 502, headers: ["Content-Type": "text/plain"],
        body: .bytes(Array("Internal Server Error".utf8)))

    /// For a host that belongs to no function.
    static let unknown = HTTPResponse(
        status: 403, headers: ["Content-Type": "application/json"],
        body: .bytes(Array(#"{"Message":null}"#.utf8)))

    static let tooLarge = HTTPResponse(
        status: 413,
        headers: ["Content-Type": "application/json", "x-amzn-ErrorType": "RequestTooLargeException"],
        body: .bytes(Array(#"{"Message":null}"#.utf8)))

    static let forbidden = HTTPResponse(
        status: 403,
        headers: ["Content-Type": "application/json", "x-amzn-ErrorType": "AccessDeniedException"],
        body: .bytes(
            JSONValue.object([
                "Message":
                    "Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
            ]).encoded()))
}

import AWSProtocol
import HTTPTypes

/// The pages that S3 makes itself when a site has none for the case.
enum WebsitePage {
    /// The page of an error. An answer to HEAD has headers only.
    /// - Parameter second: what went wrong with the site's own error document.
    static func error(
        _ error: AWSError, _ request: HTTPRequest, _ context: AWSContext, second: AWSError? = nil
    ) -> HTTPResponse {
        var headers = error.headers
        headers["x-amz-error-code"] = error.code
        headers["x-amz-error-message"] = error.message ?? ""
        for (name, value) in error.elements {
            headers["x-amz-error-detail-\(name)"] = String(
                decoding: value.utf8.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") },
                as: UTF8.self)
        }
        let facts = list(of: error, [("RequestId", context.requestID), ("HostId", context.hostID)])
        var body = facts
        if let second {
            body += "<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n"
            body += list(of: second, [])
        }
        return page(error.status, headers, body, request)
    }

    /// A redirect with a page for those who do not follow it.
    static func found(_ location: String, _ request: HTTPRequest, _ context: AWSContext) -> HTTPResponse {
        let facts = AWSError(code: "Found", status: 302, message: "Resource Found")
        let body = list(of: facts, [("RequestId", context.requestID), ("HostId", context.hostID)])
        return page(302, ["Location": location], body, request)
    }

    private static func page(
        _ status: Int, _ headers: HTTPHeaders, _ body: String, _ request: HTTPRequest
    ) -> HTTPResponse {
        var headers = headers
        headers["Content-Type"] = "text/html; charset=utf-8"
        let title = "\(status) \(HTTPResponse.reason(status))"
        let text = """
            <html>
            <head><title>\(title)</title></head>
            <body>
            <h1>\(title)</h1>
            \(body)<hr/>
            </body>
            </html>

            """
        guard request.method != "HEAD" else { return HTTPResponse(status: status, headers: headers) }
        return HTTPResponse(status: status, headers: headers, body: .bytes(Array(text.utf8)))
    }

    private static func list(of error: AWSError, _ ids: [(String, String)]) -> String {
        let facts = [("Code", error.code), ("Message", error.message ?? "")] + error.elements + ids
        let items = facts.map { "<li>\($0.0): \(escaped($0.1))</li>\n" }
        return "<ul>\n\(items.joined())</ul>\n"
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}

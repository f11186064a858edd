import Glibc

/// A request with its whole body.
public struct HTTPRequest: Sendable {
    public var method: String
    /// Path and query as they were on the wire: `/a%20b?c=d`.
    public var target: String
    public var headers: HTTPHeaders
    public var body: HTTPBody
    /// The client's IP address, without its port.
    public var peerAddress: String

    public init(
        method: String = "GET", target: String = "/", headers: HTTPHeaders = HTTPHeaders(),
        body: HTTPBody = .empty, peerAddress: String = "127.0.0.1"
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.peerAddress = peerAddress
    }

    /// What precedes the first `?` of the target, still encoded.
    public var path: String {
        guard let mark = queryMark else { return target }
        return String(Substring(target.utf8.prefix(mark)))
    }

    /// What follows the first `?` of the target, still encoded; empty when there is none.
    public var rawQuery: String {
        guard let mark = queryMark else { return "" }
        return String(Substring(target.utf8.dropFirst(mark + 1)))
    }

    /// How many bytes of the target precede the first `?`; nil when there is none. Asked for several times of each
    /// request, most of which have no query.
    private var queryMark: Int? {
        var target = target
        return target.withUTF8 { bytes in
            guard let start = bytes.baseAddress, let mark = memchr(start, 0x3F, bytes.count) else {
                return nil
            }
            return UnsafeRawPointer(mark) - UnsafeRawPointer(start)
        }
    }
}

/// A response with its whole body.
public struct HTTPResponse: Sendable {
    /// 100 to 599.
    public var status: Int
    public var headers: HTTPHeaders
    public var body: HTTPBody

    public init(status: Int = 200, headers: HTTPHeaders = HTTPHeaders(), body: HTTPBody = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The reason phrase of a status code (RFC 9110, section 15 and the IANA registry); `Unknown`
    /// for a code that is not registered.
    public static func reason(_ status: Int) -> String { reasons[status] ?? "Unknown" }

    private static let reasons: [Int: String] = [
        100: "Continue", 101: "Switching Protocols", 102: "Processing", 103: "Early Hints",
        200: "OK", 201: "Created", 202: "Accepted", 203: "Non-Authoritative Information",
        204: "No Content", 205: "Reset Content", 206: "Partial Content", 207: "Multi-Status",
        208: "Already Reported", 226: "IM Used", 300: "Multiple Choices",
        301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
        305: "Use Proxy", 307: "Temporary Redirect", 308: "Permanent Redirect",
        400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden",
        404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
        407: "Proxy Authentication Required", 408: "Request Timeout", 409: "Conflict",
        410: "Gone", 411: "Length Required", 412: "Precondition Failed",
        413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type",
        416: "Range Not Satisfiable", 417: "Expectation Failed", 418: "I'm a teapot",
        421: "Misdirected Request",
        422: "Unprocessable Content", 423: "Locked", 424: "Failed Dependency", 425: "Too Early",
        426: "Upgrade Required", 428: "Precondition Required", 429: "Too Many Requests",
        431: "Request Header Fields Too Large", 451: "Unavailable For Legal Reasons",
        500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
        503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
        506: "Variant Also Negotiates", 507: "Insufficient Storage", 508: "Loop Detected",
        511: "Network Authentication Required",
    ]
}

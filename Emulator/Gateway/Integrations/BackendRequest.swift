import HTTPClient
import HTTPTypes

/// A request as it goes to a backend.
public struct BackendRequest: Sendable {
    public var method: String
    /// Names the backend, path and query.
    public var url: URLParts
    /// The caller's fields. Those of one connection only are left out when it is sent.
    public var headers: HTTPHeaders
    /// What the gateway says itself; replaces the caller's fields of the same names. `Host` belongs here when it is
    /// not to be the backend's.
    public var added: [(name: String, value: String)]
    public var body: [UInt8]
    /// For all attempts together.
    public var timeoutMilliseconds: Int

    public init(
        method: String, url: URLParts, headers: HTTPHeaders = HTTPHeaders(),
        added: [(name: String, value: String)] = [], body: [UInt8] = [], timeoutMilliseconds: Int = 29_000
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.added = added
        self.body = body
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    /// RFC 9110, section 9.2.2: doing it twice does no more than doing it once.
    var isIdempotent: Bool {
        switch method {
        case "GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE": true
        default: false
        }
    }
}

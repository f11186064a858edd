import HTTPTypes

/// A `Host` field taken apart (RFC 9110, section 7.2).
struct HostName {
    /// Without the port; an IPv6 address keeps its brackets.
    let domain: String
    /// Of HTTP when the field names none.
    let port: String

    init(_ host: String) {
        // The colons of an IPv6 address stand in brackets.
        guard let colon = host.utf8.lastIndex(of: UInt8(ascii: ":")),
            !host.utf8[colon...].contains(UInt8(ascii: "]"))
        else {
            (domain, port) = (host, "80")
            return
        }
        domain = String(host[..<colon])
        port = String(host[host.utf8.index(after: colon)...])
    }

    /// The host that a client has named, or `localhost`.
    init(of request: HTTPRequest) { self.init(request.headers["host"] ?? "localhost") }

    /// `domainPrefix` of contexts: the first label.
    var prefix: String { domain.split(separator: ".").first.map(String.init) ?? domain }
}

extension HTTPRequest {
    /// All that a request came through, the client's own words first: `X-Forwarded-For` of events.
    var forwardedFor: String {
        // Most have come through nothing, and that is told without an array.
        guard headers.contains("x-forwarded-for") else { return peerAddress }
        return (headers.values("x-forwarded-for") + [peerAddress]).joined(separator: ", ")
    }
}

/// The parts of an absolute http or https URL (RFC 3986), split but not decoded.
public struct URLParts: Sendable, Hashable, CustomStringConvertible {
    /// `http` or `https`.
    public var scheme: String
    /// Lower-case name or numeric address; an IPv6 address without its brackets.
    public var host: String
    /// 1...65535; the scheme's default when the URL names none.
    public var port: Int
    /// Raw path, at least `/`.
    public var path: String
    /// Raw query without `?`, empty when there is none.
    public var query: String

    public init(scheme: String, host: String, port: Int, path: String = "/", query: String = "") {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = path
        self.query = query
    }

    /// Nil unless `text` is an http(s) URL with a host, printable ASCII throughout. A fragment is
    /// dropped. User information is refused: credentials do not belong in a URL.
    public init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), let colon = text.firstRange(of: "://")
        else { return nil }
        scheme = text[..<colon.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        let rest = text[colon.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard let place = URLParts.split(authority) else { return nil }
        host = place.host
        port = place.port ?? (scheme == "https" ? 443 : 80)
        let pathAndQuery = rest[authority.endIndex...]
        let rawPath = pathAndQuery.prefix { $0 != "?" }
        path = rawPath.isEmpty ? "/" : String(rawPath)
        query = String(pathAndQuery[rawPath.endIndex...].dropFirst())
    }

    /// `host` or `host:port`, with brackets around IPv6; nil when malformed.
    static func split(_ authority: Substring) -> (host: String, port: Int?)? {
        guard !authority.contains("@") else { return nil }
        let host: Substring
        let rest: Substring
        if authority.first == "[" {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<bracket]
            guard host.contains(":") else { return nil }
            rest = authority[authority.index(after: bracket)...]
        } else {
            host = authority.prefix { $0 != ":" }
            rest = authority[host.endIndex...]
        }
        guard !host.isEmpty else { return nil }
        guard !rest.isEmpty else { return (host.lowercased(), nil) }
        let digits = rest.dropFirst()
        guard rest.first == ":", !digits.isEmpty, digits.allSatisfy(\.isASCIIDigit), let port = Int(digits),
            (1...65_535).contains(port)
        else { return nil }
        return (host.lowercased(), port)
    }

    var isTLS: Bool { scheme == "https" }

    private var isDefaultPort: Bool { port == (isTLS ? 443 : 80) }

    /// Value of the Host header: the port only when it is not the scheme's own (RFC 9110, 7.2).
    public var hostHeader: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return isDefaultPort ? name : "\(name):\(port)"
    }

    /// What goes on the request line.
    public var target: String { query.isEmpty ? path : "\(path)?\(query)" }

    public var description: String { "\(scheme)://\(hostHeader)\(target)" }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}

extension String {
    /// The first occurrence of `other`.
    fileprivate func firstRange(of other: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(other) { return start..<index(start, offsetBy: other.count) }
            start = index(after: start)
        }
        return nil
    }
}

import HTTPTypes

/// `CorsConfiguration` of an HTTP API. When it is set, the gateway answers preflights itself and replaces
/// whatever CORS headers a function sends ("Configure CORS for HTTP APIs").
public struct CORSConfiguration: Sendable {
    public var allowOrigins: [String]
    public var allowMethods: [String]
    public var allowHeaders: [String]
    public var exposeHeaders: [String]
    /// Seconds a browser may keep a preflight's answer; nil sends no header.
    public var maxAge: Int?
    public var allowCredentials: Bool

    public init(
        allowOrigins: [String] = [], allowMethods: [String] = [], allowHeaders: [String] = [],
        exposeHeaders: [String] = [], maxAge: Int? = nil, allowCredentials: Bool = false
    ) {
        self.allowOrigins = allowOrigins
        self.allowMethods = allowMethods
        self.allowHeaders = allowHeaders
        self.exposeHeaders = exposeHeaders
        self.maxAge = maxAge
        self.allowCredentials = allowCredentials
    }

    /// `*`, the origin itself, or nil when it is not allowed. Origins compare case-sensitively.
    func allowed(_ origin: String) -> String? {
        if allowOrigins.contains("*") { return "*" }
        let schemes = allowOrigins.filter { $0.hasSuffix("://*") }.map { $0.dropLast() }
        return allowOrigins.contains(origin) || schemes.contains(where: { origin.hasPrefix($0) })
            ? origin : nil
    }

    /// The answer to a preflight: 204 without a body. An origin that is not allowed gets no CORS header at all.
    func preflight(origin: String) -> HTTPResponse {
        var headers = HTTPHeaders()
        if let allowed = allowed(origin) {
            addOrigin(allowed, to: &headers)
            if !allowMethods.isEmpty {
                headers.add("access-control-allow-methods", allowMethods.joined(separator: ","))
            }
            if !allowHeaders.isEmpty {
                headers.add("access-control-allow-headers", allowHeaders.joined(separator: ","))
            }
            if let maxAge { headers.add("access-control-max-age", String(maxAge)) }
        }
        return HTTPResponse(status: 204, headers: headers)
    }

    /// Puts the headers of an actual request on a response.
    public func apply(origin: String?, to headers: inout HTTPHeaders) {
        for (name, _) in headers where Self.isCORS(name) { headers.remove(name) }
        guard let origin, let allowed = allowed(origin) else { return }
        addOrigin(allowed, to: &headers)
        if !exposeHeaders.isEmpty {
            headers.add("access-control-expose-headers", exposeHeaders.joined(separator: ","))
        }
    }

    private static func isCORS(_ name: String) -> Bool {
        let prefix: StaticString = "access-control-"
        let length = prefix.utf8CodeUnitCount
        guard name.utf8.count > length else { return false }
        // Setting this bit makes a letter lower-case and leaves the hyphen as it is.
        return zip(name.utf8, 0..<length).allSatisfy { $0 | 0x20 == prefix.utf8Start[$1] }
    }

    private func addOrigin(_ allowed: String, to headers: inout HTTPHeaders) {
        headers.add("access-control-allow-origin", allowed)
        if allowed != "*" { headers.add("vary", "Origin") }
        if allowCredentials { headers.add("access-control-allow-credentials", "true") }
    }
}

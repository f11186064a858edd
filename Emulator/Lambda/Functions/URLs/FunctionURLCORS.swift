import HTTPTypes
import JSON

/// The cross-origin rules of a function URL. The front end answers preflights itself, and adds its headers to what
/// the function has set.
struct FunctionURLCORS {
    let rules: JSONObject

    private func list(_ name: String) -> [String] { rules[name]?.array?.compactMap(\.string) ?? [] }

    /// What is told to this origin; nil when it may do nothing. Everything goes unless origins are named.
    private func allowed(_ origin: String) -> String? {
        let origins = list("AllowOrigins")
        if origins.contains("*") { return isWithCredentials ? origin : "*" }
        let fits = origins.contains { rule in
            guard let star = rule.firstIndex(of: "*") else { return rule == origin }
            return origin.hasPrefix(rule[..<star]) && origin.hasSuffix(rule[rule.index(after: star)...])
                && origin.utf8.count >= rule.utf8.count - 1
        }
        return fits ? origin : nil
    }

    private var isWithCredentials: Bool { rules["AllowCredentials"]?.bool == true }

    static func isPreflight(_ request: HTTPRequest) -> Bool {
        request.method == "OPTIONS" && request.headers.contains("Origin")
            && request.headers.contains("Access-Control-Request-Method")
    }

    func preflight(_ request: HTTPRequest) -> HTTPResponse {
        var response = HTTPResponse(status: 200)
        guard let origin = request.headers["Origin"], let allowed = allowed(origin) else { return response }
        addOrigin(allowed, to: &response.headers)
        for (rule, name) in [
            ("AllowMethods", "Access-Control-Allow-Methods"),
            ("AllowHeaders", "Access-Control-Allow-Headers"),
            ("ExposeHeaders", "Access-Control-Expose-Headers"),
        ] {
            let values = list(rule)
            if !values.isEmpty { response.headers.add(name, values.joined(separator: ",")) }
        }
        if let age = rules["MaxAge"]?.int { response.headers.add("Access-Control-Max-Age", "\(age)") }
        return response
    }

    /// The headers that answers to this request get beside the function's own.
    func headers(for request: HTTPRequest) -> HTTPHeaders {
        var headers = HTTPHeaders()
        guard let origin = request.headers["Origin"], let allowed = allowed(origin) else { return headers }
        addOrigin(allowed, to: &headers)
        let exposed = list("ExposeHeaders")
        if !exposed.isEmpty { headers.add("Access-Control-Expose-Headers", exposed.joined(separator: ",")) }
        return headers
    }

    private func addOrigin(_ allowed: String, to headers: inout HTTPHeaders) {
        headers.add("Access-Control-Allow-Origin", allowed)
        if allowed != "*" { headers.add("Vary", "Origin") }
        if isWithCredentials { headers.add("Access-Control-Allow-Credentials", "true") }
    }
}

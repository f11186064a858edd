import AWSProtocol
import HTTPTypes

/// Holds a request against the rules of its bucket (Amazon S3 User Guide, "Using cross-origin resource
/// sharing"). The first rule that fits decides.
enum CORSEvaluation {
    /// The headers that a fitting rule adds to an answer, or nil when none fits.
    /// - Parameter requestedHeaders: lower-case names out of a preflight.
    static func headers(
        _ rules: [CORSRule], origin: String, method: String, requestedHeaders: [String]
    ) -> [(String, String)]? {
        for rule in rules {
            guard let pattern = rule.originPattern(for: origin), rule.allowedMethods.contains(method),
                requestedHeaders.allSatisfy(rule.allows(header:))
            else { continue }
            return headers(of: rule, pattern: pattern, origin: origin, requestedHeaders: requestedHeaders)
        }
        return nil
    }

    private static func headers(
        of rule: CORSRule, pattern: String, origin: String, requestedHeaders: [String]
    ) -> [(String, String)] {
        var headers = [("Access-Control-Allow-Origin", pattern == "*" ? "*" : origin)]
        headers.append(("Access-Control-Allow-Methods", rule.allowedMethods.joined(separator: ", ")))
        if !requestedHeaders.isEmpty {
            headers.append(("Access-Control-Allow-Headers", requestedHeaders.joined(separator: ", ")))
        }
        if !rule.exposeHeaders.isEmpty {
            headers.append(("Access-Control-Expose-Headers", rule.exposeHeaders.joined(separator: ", ")))
        }
        if let age = rule.maxAgeSeconds { headers.append(("Access-Control-Max-Age", String(age))) }
        if pattern != "*" { headers.append(("Access-Control-Allow-Credentials", "true")) }
        headers.append(
            ("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"))
        return headers
    }

    /// What `Access-Control-Request-Headers` names, lower-case. Several fields of that name are one list.
    static func requestedHeaders(in headers: HTTPHeaders) -> [String] {
        headers.values("Access-Control-Request-Headers").flatMap { $0.split(separator: ",") }
            .map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }.filter { !$0.isEmpty }
    }

    /// The answer to an actual request, with CORS headers when the bucket's rules allow its origin.
    /// Errors are decorated too: a browser shows no script an answer without them. What a preflight would say
    /// about method and headers counts in any request.
    static func decorated(_ response: HTTPResponse, _ http: HTTPRequest, _ core: ObjectsCore) -> HTTPResponse
    {
        guard let origin = http.headers["Origin"],
            let name = Address(host: http.headers["Host"] ?? "", path: http.path)?.bucket,
            let record = try? core.store.read({ try core.bucket(name, in: $0) }),
            let headers = headers(
                record.cors, origin: origin,
                method: http.headers["Access-Control-Request-Method"] ?? http.method,
                requestedHeaders: requestedHeaders(in: http.headers))
        else { return response }
        var response = response
        for (name, value) in headers { response.headers[name] = value }
        return response
    }
}

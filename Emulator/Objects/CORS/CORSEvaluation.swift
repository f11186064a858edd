import AWSProtocol
import HTTPTypes

/// Holds a request against the rules of its bucket (Amazon S3 User Guide, "Using cross-origin resource
/// sharing"). The first rule that fits decides.
enum CORSEvaluation {
    /// The headers that a fitting rule adds to an answer, or nil when none fits.
    static func headers(
        _ rules: CORSRules, origin: String, method: String, _ requested: CORSRequestedHeaders
    ) -> [(String, String)]? {
        var comparisons = 0
        return rules.match(origin: origin, method: method, requested, comparisons: &comparisons).map {
            headers(of: $0, origin: origin, requested)
        }
    }

    private static func headers(
        of match: CORSRules.Match, origin: String, _ requested: CORSRequestedHeaders
    ) -> [(String, String)] {
        let rule = match.rule
        var headers = [("Access-Control-Allow-Origin", match.isForAnyone ? "*" : origin)]
        headers.append(("Access-Control-Allow-Methods", rule.allowedMethods.joined(separator: ", ")))
        if !requested.names.isEmpty {
            headers.append(("Access-Control-Allow-Headers", requested.names.joined(separator: ", ")))
        }
        if !rule.exposeHeaders.isEmpty {
            headers.append(("Access-Control-Expose-Headers", rule.exposeHeaders.joined(separator: ", ")))
        }
        if let age = rule.maxAgeSeconds { headers.append(("Access-Control-Max-Age", String(age))) }
        if !match.isForAnyone { headers.append(("Access-Control-Allow-Credentials", "true")) }
        headers.append(
            ("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"))
        return headers
    }

    static func requestedHeaders(in headers: HTTPHeaders) -> CORSRequestedHeaders {
        CORSRequestedHeaders(headers.values("Access-Control-Request-Headers"))
    }

    /// The answer to an actual request, with CORS headers when the bucket's rules allow its origin.
    /// Errors are decorated too: a browser shows no script an answer without them. What a preflight would say
    /// about method and headers counts in any request.
    static func decorated(_ response: HTTPResponse, _ http: HTTPRequest, _ core: ObjectsCore) -> HTTPResponse
    {
        guard let origin = http.headers["Origin"],
            let name = Address(host: http.headers["Host"] ?? "", path: http.path)?.bucket,
            let bucket = try? core.buckets.bucket(name, core.store), !bucket.cors.isEmpty,
            let headers = headers(
                bucket.cors, origin: origin,
                method: http.headers["Access-Control-Request-Method"] ?? http.method,
                requestedHeaders(in: http.headers))
        else { return response }
        var response = response
        for (name, value) in headers { response.headers[name] = value }
        return response
    }
}

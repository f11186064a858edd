import HTTPTypes
import LambdaEvents

/// The routes of one handler as an enumeration whose raw values are `METHOD /path/{parameter}`, without the
/// common prefix `/api/v1`. A `switch` over the match is then exhaustive by compiler's proof.
public protocol Endpoint: CaseIterable, RawRepresentable, Sendable where RawValue == String {}

/// The prefix of every route in `serverless-manifest.json`.
public let apiPrefix = "/api/v1"

extension Endpoint {
    /// Finds the endpoint an event asks for.
    ///
    /// The gateway's own decision (`routeKey`) is trusted first: its path parameters are already decoded and
    /// may contain slashes. Behind `ANY`, `{proxy+}` or `$default` routes the path itself is matched.
    /// - Throws: 404 when no path fits, 405 with `Allow` when the path fits and the method does not.
    public static func match(
        _ event: HTTPAPIEvent
    ) throws(HandlerError) -> (endpoint: Self, parameters: [String: String]) {
        for candidate in allCases where event.routeKey == candidate.routeKey {
            return (candidate, event.pathParameters)
        }
        let method = event.requestContext.method
        let segments = pathSegments(event.rawPath)
        var allowed: [String] = []
        for candidate in allCases {
            let (candidateMethod, pattern) = candidate.parts
            guard let parameters = capture(pathSegments(pattern), segments) else { continue }
            if candidateMethod == method { return (candidate, parameters) }
            allowed.append(candidateMethod)
        }
        guard allowed.isEmpty else {
            throw .methodNotAllowed(method, path: event.rawPath, allow: allowed.sorted())
        }
        throw .notFound("RouteNotFound", "no such route: \(method) \(event.rawPath)")
    }

    /// As it stands in the manifest, for example `GET /api/v1/health`.
    public var routeKey: String {
        let (method, pattern) = parts
        return "\(method) \(apiPrefix)\(pattern)"
    }

    private var parts: (method: String, pattern: String) {
        let space = rawValue.firstIndex(of: " ") ?? rawValue.startIndex
        return (String(rawValue[..<space]), String(rawValue[space...].dropFirst()))
    }
}

/// Path segments after `/api/v1`. A stage in front (`/prod/api/v1/...`) is skipped with it.
private func pathSegments(_ path: String) -> [Substring] {
    let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    let prefix = apiPrefix.split(separator: "/")
    for start in segments.indices.prefix(2) where segments[start...].starts(with: prefix) {
        return Array(segments[start...].dropFirst(prefix.count))
    }
    return Array(segments)
}

private func capture(_ pattern: [Substring], _ segments: [Substring]) -> [String: String]? {
    guard pattern.count == segments.count else { return nil }
    var parameters: [String: String] = [:]
    for (expected, actual) in zip(pattern, segments) {
        if expected.hasPrefix("{") {
            guard !actual.isEmpty else { return nil }
            parameters[String(expected.dropFirst().dropLast())] = String(actual)
        } else if expected != actual {
            return nil
        }
    }
    return parameters
}

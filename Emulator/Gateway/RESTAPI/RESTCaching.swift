import Bytes
import Clock
import HTTPTypes

extension RESTAPI {
    /// Answers from the stage's cache, or notes where the answer is to be kept.
    func lookUp(_ exchange: inout RESTExchange) async -> Outcome {
        guard let stage = exchange.stage, let method = exchange.method, let cache = caches[stage.name] else {
            return .goOn
        }
        let settings = stage.settings(of: method)
        let isCached = settings.cachingEnabled ?? (exchange.httpMethod == "GET")
        guard isCached, settings.cacheTTL > 0 else { return .goOn }
        let key = Self.cacheKey(exchange, method)
        exchange.cacheKey = key
        if Self.wantsFreshAnswer(exchange.request) {
            if !settings.requireAuthorizationForCacheControl { return .goOn }
            if await isSigned(exchange.request) { return .goOn }
            switch settings.unauthorizedStrategy {
            case .fail: return .fail(RESTFailure(.accessDenied, "Forbidden", errorType: "ForbiddenException"))
            case .withHeader:
                exchange.warning =
                    "199 Cache-control headers were ignored because the caller was unauthorized."
            case .withoutHeader: break
            }
        }
        let kept = cache.response(for: key, now: MonotonicClock.nanoseconds / 1_000_000)
        return kept.map { .answer($0) } ?? .goOn
    }

    /// A client signs the whole path, also the part that may have named this API and is gone.
    private func isSigned(_ request: HTTPRequest) async -> Bool {
        if await mayInvalidate(request) { return true }
        var whole = request
        whole.target = "\(Gateway.pathPrefix)\(id)\(request.target)"
        return await mayInvalidate(whole)
    }

    /// `Cache-Control: max-age=0`, or `no-cache`.
    private static func wantsFreshAnswer(_ request: HTTPRequest) -> Bool {
        request.headers.values("cache-control").contains { value in
            value.lowercased().split(separator: ",").contains {
                let directive = $0.filter { $0 != " " && $0 != "\t" }
                return directive == "max-age=0" || directive == "no-cache"
            }
        }
    }

    /// Path and the parameters that were declared; others do not tell answers apart.
    private static func cacheKey(_ exchange: RESTExchange, _ method: RESTMethod) -> String {
        var key = "\(exchange.httpMethod) \(exchange.path)"
        // A path parameter is part of the path already.
        for parameter in method.cacheKeyParameters where parameter.location != .path {
            let values =
                parameter.location == .header
                ? exchange.request.headers.values(parameter.name)
                : exchange.query.filter { $0.name == parameter.name }.map(\.value)
            key += "\n\(parameter.location.rawValue) \(parameter.name)"
            for value in values { key += "\n \(PercentEncoding.encode(value))" }
        }
        return key
    }
}

import Gateway
import HTTPClient

/// The manifest's `backends`: how HTTP backends are treated, whichever API asks them.
extension ManifestReader {
    func backends() throws(ManifestError) -> [BackendPolicy] {
        guard let list = root["backends"] else { return [] }
        var policies: [BackendPolicy] = []
        for node in try list.list() {
            _ = try node.object(known: [
                "url", "healthCheck", "retries", "circuitBreaker", "connectTimeoutMilliseconds",
            ])
            var policy = BackendPolicy(url: try Self.origin(node.required("url")))
            guard !policies.contains(where: { $0.url == policy.url }) else {
                throw try node.required("url").failure("is declared twice; keep one of the entries.")
            }
            if let check = node["healthCheck"] { policy.healthCheck = try healthCheck(check) }
            if let retries = node["retries"] { policy.retries = try self.retries(retries) }
            if let breaker = node["circuitBreaker"] { policy.circuitBreaker = try circuitBreaker(breaker) }
            if let limit = node["connectTimeoutMilliseconds"] {
                policy.connectTimeoutMilliseconds = try limit.integer(1...30_000, unit: "milliseconds")
            }
            policies.append(policy)
        }
        return policies
    }

    /// A URL of http or https.
    static func url(_ node: ManifestNode) throws(ManifestError) -> URLParts {
        guard let url = URLParts(try node.string()) else {
            throw node.failure("is no http or https URL; write for example \"http://127.0.0.1:9000\".")
        }
        return url
    }

    private static func origin(_ node: ManifestNode) throws(ManifestError) -> URLParts {
        let url = try url(node)
        guard url.path == "/", url.query.isEmpty else {
            throw node.failure(
                "names more than scheme, host and port, which is all that tells backends apart.")
        }
        return url
    }

    private func healthCheck(_ node: ManifestNode) throws(ManifestError) -> BackendPolicy.HealthCheck {
        _ = try node.object(known: [
            "path", "intervalMilliseconds", "timeoutMilliseconds", "healthyThreshold", "unhealthyThreshold",
        ])
        var check = BackendPolicy.HealthCheck()
        if let path = node["path"] {
            check.path = try path.string()
            guard check.path.hasPrefix("/") else { throw path.failure("has to start with '/'.") }
        }
        check.intervalMilliseconds =
            try node["intervalMilliseconds"]?.integer(10...3_600_000, unit: "milliseconds")
            ?? check.intervalMilliseconds
        check.timeoutMilliseconds =
            try node["timeoutMilliseconds"]?.integer(1...60_000, unit: "milliseconds")
            ?? check.timeoutMilliseconds
        check.healthyThreshold =
            try node["healthyThreshold"]?.integer(1...100, unit: "checks") ?? check.healthyThreshold
        check.unhealthyThreshold =
            try node["unhealthyThreshold"]?.integer(1...100, unit: "checks") ?? check.unhealthyThreshold
        return check
    }

    private func retries(_ node: ManifestNode) throws(ManifestError) -> BackendPolicy.Retries {
        _ = try node.object(known: ["maxAttempts", "budgetPercent", "backoffMilliseconds"])
        var retries = BackendPolicy.Retries()
        retries.maxAttempts =
            try node["maxAttempts"]?.integer(1...10, unit: "attempts") ?? retries.maxAttempts
        retries.budgetPercent =
            try node["budgetPercent"]?.integer(0...100, unit: "percent") ?? retries.budgetPercent
        retries.backoffMilliseconds =
            try node["backoffMilliseconds"]?.integer(0...10_000, unit: "milliseconds")
            ?? retries.backoffMilliseconds
        return retries
    }

    private func circuitBreaker(_ node: ManifestNode) throws(ManifestError) -> CircuitBreaker.Policy {
        _ = try node.object(known: ["failureThreshold", "openMilliseconds", "halfOpenRequests"])
        var policy = CircuitBreaker.Policy()
        policy.failureThreshold =
            try node["failureThreshold"]?.integer(1...1_000, unit: "failures") ?? policy.failureThreshold
        policy.openMilliseconds =
            try node["openMilliseconds"]?.integer(1...3_600_000, unit: "milliseconds")
            ?? policy.openMilliseconds
        policy.halfOpenRequests =
            try node["halfOpenRequests"]?.integer(1...100, unit: "requests") ?? policy.halfOpenRequests
        return policy
    }
}

import HTTPClient

/// How the gateway treats one HTTP backend, named by scheme, host and port. AWS itself neither checks nor
/// retries, and without a policy this gateway does not either.
public struct BackendPolicy: Sendable {
    /// Requests that ask whether the backend is well; nil asks never.
    public struct HealthCheck: Sendable {
        /// Path and query of the GET request. A status from 200 to 399 within the timeout is well.
        public var path: String
        public var intervalMilliseconds: Int
        public var timeoutMilliseconds: Int
        /// Good answers in a row that make a bad backend good again, and bad ones that make a good one bad.
        public var healthyThreshold: Int
        public var unhealthyThreshold: Int

        public init(
            path: String = "/", intervalMilliseconds: Int = 10_000, timeoutMilliseconds: Int = 2_000,
            healthyThreshold: Int = 2, unhealthyThreshold: Int = 3
        ) {
            self.path = path
            self.intervalMilliseconds = intervalMilliseconds
            self.timeoutMilliseconds = timeoutMilliseconds
            self.healthyThreshold = healthyThreshold
            self.unhealthyThreshold = unhealthyThreshold
        }
    }

    /// Second and further attempts of idempotent requests; nil makes none.
    public struct Retries: Sendable {
        /// Attempts of one request in all.
        public var maxAttempts: Int
        /// Retries for each hundred requests at most, beyond a reserve of ten.
        public var budgetPercent: Int
        /// Before the second attempt; doubled for each further one, and varied at random by half of it.
        public var backoffMilliseconds: Int

        public init(maxAttempts: Int = 3, budgetPercent: Int = 20, backoffMilliseconds: Int = 25) {
            self.maxAttempts = maxAttempts
            self.budgetPercent = budgetPercent
            self.backoffMilliseconds = backoffMilliseconds
        }
    }

    public var url: URLParts
    public var healthCheck: HealthCheck?
    public var retries: Retries?
    public var circuitBreaker: CircuitBreaker.Policy?
    /// Of establishing a connection. The integration's own timeout holds beside it.
    public var connectTimeoutMilliseconds: Int

    public init(
        url: URLParts, healthCheck: HealthCheck? = nil, retries: Retries? = nil,
        circuitBreaker: CircuitBreaker.Policy? = nil, connectTimeoutMilliseconds: Int = 30_000
    ) {
        self.url = url
        self.healthCheck = healthCheck
        self.retries = retries
        self.circuitBreaker = circuitBreaker
        self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
    }

    /// Policies, idle connections and counts are kept by this.
    struct Origin: Hashable {
        let scheme: String
        let host: String
        let port: Int

        init(_ url: URLParts) {
            scheme = url.scheme
            host = url.host
            port = url.port
        }
    }
}

/// `ThrottlingRateLimit` and `ThrottlingBurstLimit` of a route.
public struct ThrottlingLimits: Sendable, Equatable {
    /// Requests a second in the long run; 0 or more, fractions included.
    public var rateLimit: Double
    /// Requests that may come at once; 0 or more.
    public var burstLimit: Int

    /// What an account has in most regions ("API Gateway account-level quotas").
    public static let ofAccount = ThrottlingLimits(rateLimit: 10_000, burstLimit: 5_000)

    public init(rateLimit: Double, burstLimit: Int) {
        self.rateLimit = rateLimit
        self.burstLimit = burstLimit
    }
}

/// API Gateway's token bucket: it starts full, holds as many tokens as requests may come at once, and fills at the
/// rate. A request takes one; without one it is refused. Time is given, never read, so that it is exact to test.
public struct TokenBucket: Sendable {
    /// What a sum of fractions may lack of a whole token.
    private static let tolerance = 1e-6

    private let limits: ThrottlingLimits
    private var tokens: Double
    /// Nanoseconds on a clock that never goes back.
    private var filledAt: UInt64

    public init(_ limits: ThrottlingLimits, nowNanoseconds: UInt64) {
        self.limits = limits
        tokens = Double(limits.burstLimit)
        filledAt = nowNanoseconds
    }

    /// Takes a token if there is one. A moment before the last one counts as that.
    public mutating func take(nowNanoseconds: UInt64) -> Bool {
        if nowNanoseconds > filledAt {
            let gained = Double(nowNanoseconds - filledAt) * limits.rateLimit / 1_000_000_000
            tokens = min(Double(limits.burstLimit), tokens + gained)
            filledAt = nowNanoseconds
        }
        guard tokens >= 1 - Self.tolerance else { return false }
        tokens = max(0, tokens - 1)
        return true
    }
}

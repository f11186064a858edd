import Glibc

/// How often and when a failed call is repeated: exponential back-off with full jitter, that is, a
/// delay chosen evenly between nothing and the current bound, so that many clients do not return at once.
public struct RetryPolicy: Sendable {
    /// Attempts in all, at least 1.
    public var maxAttempts: Int
    /// Bound of the first delay in milliseconds; it doubles with each attempt.
    public var baseDelayMs: Int
    public var maxDelayMs: Int
    /// Waits for so many milliseconds.
    public var sleep: @Sendable (Int) -> Void
    /// A number in 0...bound.
    public var random: @Sendable (Int) -> Int

    public init(
        maxAttempts: Int = 4, baseDelayMs: Int = 25, maxDelayMs: Int = 2000,
        sleep: @escaping @Sendable (Int) -> Void = { usleep(UInt32($0) * 1000) },
        random: @escaping @Sendable (Int) -> Int = { Int.random(in: 0...$0) }
    ) {
        self.maxAttempts = max(1, maxAttempts)
        self.baseDelayMs = baseDelayMs
        self.maxDelayMs = maxDelayMs
        self.sleep = sleep
        self.random = random
    }

    /// The bound before attempt number `attempt + 1`, in milliseconds.
    func bound(afterAttempt attempt: Int) -> Int {
        min(maxDelayMs, baseDelayMs << min(attempt - 1, 20))
    }

    /// Runs `body` until it succeeds, fails for good or has used up its attempts. Without `whenUnsure`, a
    /// failure that may hide a success is final too.
    func run<Result>(
        whenUnsure: Bool = true, _ body: () throws(AWSServiceError) -> Result
    ) throws(AWSServiceError) -> Result {
        var attempt = 1
        while true {
            do {
                return try body()
            } catch {
                guard error.retryable, whenUnsure || !error.mayHaveBeenApplied, attempt < maxAttempts
                else { throw error }
                sleep(random(bound(afterAttempt: attempt)))
                attempt += 1
            }
        }
    }
}

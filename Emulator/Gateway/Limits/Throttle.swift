import Clock
import Synchronization

/// A token bucket that many requests share.
public final class Throttle: Sendable {
    private let bucket: Mutex<TokenBucket>
    private let now: @Sendable () -> UInt64

    /// - Parameter now: nanoseconds on a clock that never goes back.
    public init(
        _ limits: ThrottlingLimits, now: @escaping @Sendable () -> UInt64 = { MonotonicClock.nanoseconds }
    ) {
        self.now = now
        bucket = Mutex(TokenBucket(limits, nowNanoseconds: now()))
    }

    /// Whether one more request may pass; one that may not is answered with 429.
    public func admits() -> Bool {
        bucket.withLock { $0.take(nowNanoseconds: now()) }
    }
}

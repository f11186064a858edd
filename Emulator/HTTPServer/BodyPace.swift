/// How slowly a body may come: whoever sends a byte now and then must not hold a connection for ever. Pure; times in
/// milliseconds on the clock of the arguments.
struct BodyPace {
    struct Limits: Sendable {
        /// What any body may take.
        var grace: UInt64
        /// Each byte that has come allows for more time at this rate; 1 or more.
        var bytesPerSecond: UInt64
    }

    private let limits: Limits
    private var began: UInt64
    private var bytes: UInt64 = 0

    init(_ limits: Limits, now: UInt64) {
        self.limits = limits
        began = now
    }

    /// When the body is too late, unless more of it comes.
    var deadline: UInt64 { began + limits.grace + earned }

    private var earned: UInt64 { bytes * 1_000 / limits.bytesPerSecond }

    mutating func received(_ count: Int) { bytes += UInt64(count) }

    /// Until now the peer was held back: from here on it has the whole grace at least.
    mutating func waited(now: UInt64) { began = max(began, now - min(now, earned)) }
}

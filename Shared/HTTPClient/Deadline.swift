import Clock

/// A point in monotonic time. Calls are bounded by points, not by durations, so that several waits in
/// a row share one limit.
package struct Deadline: Sendable, Equatable {
    let nanoseconds: UInt64

    package init(milliseconds: Int) {
        nanoseconds = MonotonicClock.nanoseconds + UInt64(max(0, milliseconds)) * 1_000_000
    }

    /// Rounded up: poll(2) with 0 would spin through the last millisecond.
    var remainingMilliseconds: Int32 {
        let now = MonotonicClock.nanoseconds
        guard nanoseconds > now else { return 0 }
        return Int32(clamping: (nanoseconds - now + 999_999) / 1_000_000)
    }

    func earlier(of other: Deadline?) -> Deadline {
        guard let other, other.nanoseconds < nanoseconds else { return self }
        return other
    }
}

import Glibc
import Synchronization

/// Tells the time of day; injected, so that tests decide what time it is.
public protocol WallClock: Sendable {
    var now: Timestamp { get }
}

/// The machine's clock.
public struct SystemClock: WallClock {
    public init() {}

    public var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

/// A clock that moves only when told to.
public final class ManualClock: WallClock {
    private let time: Mutex<Timestamp>

    public init(_ start: Timestamp) { time = Mutex(start) }

    public var now: Timestamp { time.withLock { $0 } }

    public func set(_ now: Timestamp) { time.withLock { $0 = now } }

    public func advance(milliseconds: Int64) { time.withLock { $0 = $0 + milliseconds } }
}

/// Time that only grows and knows no calendar: for durations and deadlines.
public enum MonotonicClock {
    /// Nanoseconds since an arbitrary moment before the process began.
    public static var nanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

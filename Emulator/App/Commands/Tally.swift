import Clock
import Synchronization

/// What threads that share a number of calls have in common.
final class Tally: Sendable {
    private struct State {
        var left: Int
        var done = 0
        var all: [(UInt64, String?)] = []
        var ended: UInt64 = 0
    }
    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(left: count)) }

    /// - Returns: whether the caller is to make one more call; the one before is then done.
    func next() -> Bool {
        state.withLock { state in
            guard state.left > 0 else { return false }
            state.left -= 1
            state.done += 1
            return true
        }
    }

    /// The calls of one thread, which ends now.
    func add(_ calls: [(UInt64, String?)]) {
        let now = MonotonicClock.nanoseconds
        state.withLock { state in
            state.all += calls
            state.ended = max(state.ended, now)
        }
    }

    var done: Int { state.withLock { $0.done } }
    var all: [(UInt64, String?)] { state.withLock { $0.all } }
    /// When the last thread ended; monotonic nanoseconds.
    var ended: UInt64 { state.withLock { $0.ended } }
}

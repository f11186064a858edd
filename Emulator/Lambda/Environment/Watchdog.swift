import Clock
import Net

/// A deadline that moves with each invocation, on a timer that mostly does not: a deadline that was lifted or
/// put off costs nothing, and the timer, once it fires too early, is set for the rest.
@EventLoop final class Watchdog {
    private let overdue: () -> Void
    private var deadline: UInt64?
    private var timer: LoopTimer?
    private var firesAt: UInt64 = 0

    init(overdue: @escaping () -> Void) { self.overdue = overdue }

    /// - Parameter deadline: monotonic nanoseconds.
    func watch(until deadline: UInt64) {
        self.deadline = deadline
        if timer != nil, firesAt <= deadline { return }
        arm(deadline)
    }

    var isWatching: Bool { deadline != nil }

    func rest() { deadline = nil }

    func cancel() {
        deadline = nil
        timer?.cancel()
        timer = nil
    }

    private func arm(_ time: UInt64) {
        timer?.cancel()
        let now = MonotonicClock.nanoseconds
        let wait = time > now ? Int((time - now + 999_999) / 1_000_000) : 0
        firesAt = time
        timer = LoopTimer(afterMilliseconds: wait) { [weak self] in self?.fired() }
    }

    private func fired() {
        timer = nil
        guard let deadline else { return }
        // The loop's clock counts whole milliseconds, so this may be a little too early: nobody's time is cut short.
        guard MonotonicClock.nanoseconds >= deadline else { return arm(deadline) }
        self.deadline = nil
        overdue()
    }
}

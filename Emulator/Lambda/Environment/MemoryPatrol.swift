import Clock
import Net

/// Looks at the memory of functions that are at work, and ends those that take more than they were given.
///
/// The kernel's own means do not fit: RLIMIT_AS counts addresses, of which many runtimes reserve gigabytes,
/// and control groups are seldom an ordinary user's to make. So the memory is looked at while an invocation
/// or an init goes on for longer than a moment, and once more before a long invocation's answer counts
/// (``ExecutionEnvironment/exceedsMemory(_:)``), by the kernel's own record of the peak.
@EventLoop final class MemoryPatrol {
    static let periodMilliseconds = 20

    private var watched: [ObjectIdentifier: ExecutionEnvironment] = [:]
    private var timer: LoopTimer?

    /// From now on the environment has a process.
    func add(_ environment: ExecutionEnvironment) {
        watched[ObjectIdentifier(environment)] = environment
        wake()
    }

    func remove(_ environment: ExecutionEnvironment) {
        watched[ObjectIdentifier(environment)] = nil
        if watched.isEmpty { rest() }
    }

    /// An environment has got work.
    func wake() {
        guard timer == nil else { return }
        timer = LoopTimer(afterMilliseconds: Self.periodMilliseconds, repeating: true) { [weak self] in
            self?.look()
        }
    }

    private func rest() {
        timer?.cancel()
        timer = nil
    }

    private func look() {
        let now = MonotonicClock.nanoseconds
        var isAnyAtWork = false
        for environment in watched.values {
            guard let since = environment.atWorkSince else { continue }
            isAnyAtWork = true
            // Most invocations are over before they are worth a look.
            guard now &- since > UInt64(Self.periodMilliseconds) * 1_000_000 else { continue }
            environment.lookAtMemory()
        }
        if !isAnyAtWork { rest() }
    }
}

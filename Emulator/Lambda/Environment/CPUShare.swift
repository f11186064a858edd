import Clock
import Glibc
import Net

/// Gives a function the processor time that Lambda would: one processor's worth for each 1,769 MB of memory.
///
/// The process and its group are stopped (SIGSTOP) as soon as they have used more than their share of the time
/// since the invocation began, and go on (SIGCONT) once it is theirs again. Waiting costs nothing. An init gets
/// all it wants, as on AWS. Time used by processes that the function has started does not count.
@EventLoop final class CPUShare {
    /// Memory that comes with one whole processor (AWS Lambda Developer Guide, "Configure function memory").
    nonisolated static let megabytesPerProcessor = 1769.0
    private static let periodMilliseconds = 10
    /// Unused time is kept for so long.
    private nonisolated static let burstNanoseconds = 20e6

    private let share: Double
    private var pid: Int32 = 0
    private var timer: LoopTimer?
    private var isStopped = false
    private var balance = 0.0
    private var lastTime: UInt64 = 0
    private var lastUsed: UInt64 = 0

    init(memoryMB: Int) { share = Double(memoryMB) / Self.megabytesPerProcessor }

    /// Nanoseconds that may still be used, after some time has passed and some has been used.
    nonisolated static func balance(_ before: Double, passed: UInt64, used: UInt64, share: Double) -> Double {
        min(burstNanoseconds * share, before + Double(passed) * share - Double(used))
    }

    func begin(_ pid: Int32) {
        self.pid = pid
        balance = Self.burstNanoseconds * share
        lastTime = MonotonicClock.nanoseconds
        lastUsed = Self.usedNanoseconds(pid) ?? 0
        guard timer == nil else { return }
        timer = LoopTimer(afterMilliseconds: Self.periodMilliseconds, repeating: true) { [weak self] in
            self?.look()
        }
    }

    func end() {
        timer?.cancel()
        timer = nil
        go()
    }

    private func look() {
        let now = MonotonicClock.nanoseconds
        guard let used = Self.usedNanoseconds(pid) else { return end() }
        balance = Self.balance(balance, passed: now &- lastTime, used: used &- lastUsed, share: share)
        (lastTime, lastUsed) = (now, used)
        if balance < 0, !isStopped {
            isStopped = true
            _ = kill(-pid, SIGSTOP)
        } else if balance >= 0 {
            go()
        }
    }

    private func go() {
        guard isStopped else { return }
        isStopped = false
        _ = kill(-pid, SIGCONT)
    }

    private static func usedNanoseconds(_ pid: Int32) -> UInt64? {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { return nil }
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

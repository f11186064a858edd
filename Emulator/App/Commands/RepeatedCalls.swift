import Clock
import Net

/// Makes many calls, so many at once, and measures each.
@EventLoop
final class RepeatedCalls {
    private let count: Int
    private let progress: (Int) -> Void
    private var started = 0
    private var done = 0
    private var nanoseconds: [UInt64] = []
    private var errors: [String: Int] = [:]

    /// - Parameter progress: is told how many calls are done, now and then.
    init(count: Int, progress: @escaping (Int) -> Void) {
        self.count = count
        self.progress = progress
        nanoseconds.reserveCapacity(count)
    }

    /// Calls inside of this process.
    /// - Parameter call: returns nil, or why it failed.
    func run(tasks: Int, _ call: @escaping @EventLoop @Sendable () async -> String?) async -> LatencyReport {
        let begin = MonotonicClock.nanoseconds
        let timer = ticker()
        let workers = (0..<min(tasks, count)).map { _ in Task { @EventLoop in await self.work(call) } }
        for worker in workers { await worker.value }
        timer.cancel()
        return report(since: begin)
    }

    /// Calls that block their thread.
    /// - Parameter makeCaller: what one thread calls with; its own connection.
    func run(
        onThreads threads: Int, _ makeCaller: @escaping @Sendable () -> RemoteCalls
    ) async -> LatencyReport {
        let begin = MonotonicClock.nanoseconds
        let timer = ticker()
        let tally = Tally(count)
        let shown = LoopTimer(afterMilliseconds: 100, repeating: true) { self.done = tally.done }
        await runOnThreads(min(threads, count)) { _ in
            let caller = makeCaller()
            var own: [(UInt64, String?)] = []
            while tally.next() {
                let start = MonotonicClock.nanoseconds
                let failure = caller.call()
                own.append((MonotonicClock.nanoseconds - start, failure))
            }
            tally.add(own)
        }
        shown.cancel()
        timer.cancel()
        done = 0
        for (time, failure) in tally.all { note(time, failure) }
        return report(since: begin, until: tally.ended)
    }

    private func work(_ call: @escaping @EventLoop @Sendable () async -> String?) async {
        while next() {
            let start = MonotonicClock.nanoseconds
            let failure = await call()
            note(MonotonicClock.nanoseconds - start, failure)
        }
    }

    private func next() -> Bool {
        guard started < count else { return false }
        started += 1
        return true
    }

    private func note(_ time: UInt64, _ failure: String?) {
        done += 1
        if let failure {
            let reason = Self.withoutRequestID(failure)
            // A function that fails in ever new words must not fill the memory.
            let isKept = errors.count < 100 || errors[reason] != nil
            errors[isKept ? reason : "other reasons", default: 0] += 1
        }
        nanoseconds.append(time)
    }

    /// The platform's own words begin with the request they are about; the same failure shall count as the same.
    nonisolated static func withoutRequestID(_ failure: String) -> String {
        var words = failure.split(separator: " ", omittingEmptySubsequences: false)
        while let index = words.firstIndex(of: "RequestId:"), index + 1 < words.count {
            words.removeSubrange(index...index + 1)
        }
        return words.joined(separator: " ")
    }

    private func ticker() -> LoopTimer {
        LoopTimer(afterMilliseconds: 2_000, repeating: true) { self.progress(self.done) }
    }

    private func report(since begin: UInt64, until end: UInt64 = MonotonicClock.nanoseconds) -> LatencyReport
    {
        LatencyReport(
            nanoseconds: nanoseconds, errors: errors, seconds: Double(max(begin, end) - begin) / 1e9)
    }
}

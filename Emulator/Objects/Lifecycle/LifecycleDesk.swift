import Clock
import Store
import Synchronization

/// What the lifecycle keeps in memory: parsed rules, and how far the present sweep has come. A sweep does again
/// what a restart has cut off, without harm.
final class LifecycleDesk: Sendable {
    /// Configurations kept parsed.
    private static let maxParsed = 64
    private static let hour: Int64 = 3_600_000

    private struct State {
        var parsed: [[UInt8]: LifecycleConfiguration] = [:]
        /// Buckets whose rules were put since their last sweep.
        var asked: Set<String> = []
        /// When the next sweep over all buckets begins; nil: at once.
        var next: Timestamp?
        var sweep: LifecycleSweep?
    }

    private let state = Mutex(State())

    /// A bucket's rules; nil when there are none, which is known without any work.
    func rules(of bucket: BucketRecord) throws(RecordError) -> LifecycleConfiguration? {
        guard let bytes = bucket.documents[.lifecycle] else { return nil }
        if let known = state.withLock({ $0.parsed[bytes] }) { return known }
        let parsed = try LifecycleConfiguration(decoding: bytes)
        state.withLock { state in
            if state.parsed.count >= Self.maxParsed { state.parsed = [:] }
            state.parsed[bytes] = parsed
        }
        return parsed
    }

    /// Has a bucket swept soon.
    func ask(for bucket: String) { state.withLock { _ = $0.asked.insert(bucket) } }

    /// The sweep under way, or one that is due now.
    func sweep(now: Timestamp, in core: ObjectsCore) throws -> LifecycleSweep? {
        let (current, asked, isDue) = state.withLock { state in
            (state.sweep, state.asked, state.next.map { $0 <= now } ?? true)
        }
        if let current { return current }
        guard isDue || !asked.isEmpty else { return nil }
        let sweep = try LifecycleSweep(of: isDue ? nil : asked, in: core)
        state.withLock { state in
            state.asked.subtract(asked)
            guard isDue else { return }
            // Days end at midnight, so that is when most becomes due.
            let midnight = LifecycleTimes.midnight(0, after: now)
            state.next = min(midnight, now + Self.hour)
        }
        return sweep
    }

    /// - Parameter sweep: nil when it has ended.
    func keep(_ sweep: LifecycleSweep?) { state.withLock { $0.sweep = sweep } }
}

/// Carries the rules out beside requests: every hour, at midnight UTC, and soon after rules were put.
struct LifecycleWork: WorkSource {
    static func advance(_ core: ObjectsCore) async throws -> Bool {
        guard var sweep = try core.lifecycle.sweep(now: core.clock.now, in: core) else { return false }
        // Kept before its first step too: one that fails is tried again.
        core.lifecycle.keep(sweep)
        let isMore = try await sweep.step(core)
        core.lifecycle.keep(isMore ? sweep : nil)
        return isMore
    }
}

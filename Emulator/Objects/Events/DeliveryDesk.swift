import Bytes
import Clock
import Synchronization

/// Which stored events functions are being told of right now, and which wait for another attempt. All of it is
/// in memory: after a restart every event that is still stored is told again.
final class DeliveryDesk: Sendable {
    /// Calls of one function at once, so that a flood of events leaves room for its other callers.
    static let callsPerFunction = 5
    /// Lambda gives up an event that it could not run for so long.
    private static let patience: Int64 = 6 * 3_600_000
    private static let longestPause: Int64 = 300_000

    /// One event, on its way.
    struct Delivery: Sendable, Equatable {
        var event: ObjectEvent
        var function: String
        /// The same for all attempts.
        var requestID: String
        var failures = 0
        var refusals = 0
        var firstTried: Timestamp
    }

    /// What to do after an attempt.
    enum Verdict: Equatable {
        case remove
        case giveUp(String)
        case wait
    }

    private struct State {
        var underWay: [UInt64: Delivery] = [:]
        var waiting: [UInt64: (delivery: Delivery, until: Timestamp)] = [:]
        /// Removed since the present round began, which may have read them before.
        var removed: Set<UInt64> = []
        var isStopped = false
        /// Commits that are made after an attempt.
        var settling = 0
        var stopping: [CheckedContinuation<Void, Never>] = []
        var isListening = false
        var hasLooked = false
    }

    private let state = Mutex(State())
    /// Milliseconds before the second and the third attempt.
    private let retryDelays: [Int64]

    init(retryDelays: [Int64] = [60_000, 120_000]) { self.retryDelays = retryDelays }

    // MARK: - Whether anybody listens

    /// To be called when a bucket has somebody to tell.
    func listen() { state.withLock { $0.isListening = true } }

    var isListening: Bool { state.withLock { $0.isListening } }

    /// True once: whoever asks first looks at all buckets.
    func isFirstLook() -> Bool {
        state.withLock { state in
            defer { state.hasLooked = true }
            return !state.hasLooked
        }
    }

    // MARK: - Attempts

    /// To be called before the stored events are read.
    func beginRound() { state.withLock { $0.removed = [] } }

    /// Chooses what can be told now out of a function's oldest events. Of one object's events only the oldest
    /// goes out at a time, unless it has failed already and waits.
    func take(_ events: [ObjectEvent], _ function: String, now: Timestamp) -> [Delivery] {
        state.withLock { state in
            guard !state.isStopped else { return [] }
            let mine = state.underWay.values.filter { $0.function == function }
            var room = Self.callsPerFunction - mine.count
            var busy = Set(mine.map { Place($0.event) })
            var taken: [Delivery] = []
            for event in events
            where room > 0 && state.underWay[event.order] == nil && !state.removed.contains(event.order) {
                let old = state.waiting[event.order]
                if let old, old.until > now { continue }
                guard busy.insert(Place(event)).inserted else { continue }
                let delivery =
                    old?.delivery
                    ?? Delivery(event: event, function: function, requestID: UUID4.make(), firstTried: now)
                state.waiting[event.order] = nil
                state.underWay[event.order] = delivery
                taken.append(delivery)
                room -= 1
            }
            return taken
        }
    }

    private struct Place: Hashable {
        var bucket: String
        var key: [UInt8]

        init(_ event: ObjectEvent) {
            bucket = event.bucket
            key = event.key
        }
    }

    /// Judges an attempt that has ended. For any verdict but `wait` the event has to be removed from the store,
    /// and `settled` to be called; nil when the service has been stopped meanwhile.
    func judge(_ delivery: Delivery, _ outcome: DeliveryOutcome, now: Timestamp) -> Verdict? {
        state.withLock { state in
            guard !state.isStopped else { return nil }
            var delivery = delivery
            let order = delivery.event.order
            let verdict: Verdict
            var pause: Int64 = 1_000
            switch outcome {
            case .done: verdict = .remove
            case .refused(let reason): verdict = .giveUp(reason)
            case .interrupted: verdict = .wait
            case .failed:
                delivery.failures += 1
                if delivery.failures > retryDelays.count {
                    verdict = .giveUp("the function failed \(delivery.failures) times")
                } else {
                    pause = retryDelays[delivery.failures - 1]
                    verdict = .wait
                }
            case .busy:
                delivery.refusals += 1
                pause = min(Self.longestPause, 1_000 << Int64(min(delivery.refusals - 1, 10)))
                verdict =
                    now - delivery.firstTried > Self.patience
                    ? .giveUp("the function was busy for six hours") : .wait
            }
            guard verdict == .wait else {
                state.settling += 1
                return verdict
            }
            state.underWay[order] = nil
            state.waiting[order] = (delivery, now + pause)
            return verdict
        }
    }

    /// The event is out of the store, or could not be removed; then it is told again.
    func settled(_ delivery: Delivery) {
        let stopping = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.underWay[delivery.event.order] = nil
            state.removed.insert(delivery.event.order)
            state.settling -= 1
            guard state.settling == 0 else { return [] }
            defer { state.stopping = [] }
            return state.stopping
        }
        for continuation in stopping { continuation.resume() }
    }

    // MARK: - The end

    /// Starts nothing any more and waits for commits under way. Functions may go on; what comes of them is not
    /// noted, so their events are told again after the next start.
    func stop() async {
        await withCheckedContinuation { continuation in
            let isQuiet = state.withLock { state in
                state.isStopped = true
                if state.settling > 0 { state.stopping.append(continuation) }
                return state.settling == 0
            }
            if isQuiet { continuation.resume() }
        }
    }
}

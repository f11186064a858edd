import Bytes
import Clock
import Synchronization

/// Which stored events functions are being told of right now, and which wait for another attempt. This is in memory:
/// after a restart the stored events are looked at from the oldest on. How often one has failed, and when it may be
/// tried again, is stored with it.
final class DeliveryDesk: Sendable {
    /// Calls of one function at once, so that a flood of events leaves room for its other callers.
    static let callsPerFunction = 5
    /// Lambda gives up an event that it could not run for so long.
    private static let patience: Int64 = 6 * 3_600_000
    private static let longestPause: Int64 = 300_000
    private static let shortestPause: Int64 = 1_000

    /// What was tried already.
    struct Attempts: Sendable, Equatable {
        /// The same for all attempts.
        var requestID: String
        var failures = 0
        var refusals = 0
        var firstTried: Timestamp
    }

    /// One event, on its way.
    struct Delivery: Sendable, Equatable {
        var event: ObjectEvent
        var function: String
        var attempts: Attempts
    }

    /// What to do after an attempt.
    enum Verdict: Equatable {
        case remove
        case giveUp(String)
        /// Once more at that time, which is to be stored: the function has failed.
        case tryAgain(Timestamp)
        /// Nothing is to be stored.
        case wait
    }

    /// What is to be read of a function's events.
    struct Wish: Sendable, Equatable {
        /// Known events that could go out.
        var ready: [UInt64]
        /// Where those begin that were not looked at yet; nil when nothing new can go out.
        var next: UInt64?
    }

    private struct State {
        var lines: [String: DeliveryLine] = [:]
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

    /// Calls that have not ended, or whose end is not noted yet.
    var callsUnderWay: Int { state.withLock { $0.lines.values.reduce(0) { $0 + $1.underWay.count } } }

    /// Nil when the function is told of as many events as may be.
    func wish(_ function: String, now: Timestamp) -> Wish? {
        state.withLock { state in
            guard !state.isStopped else { return nil }
            let line = state.lines[function] ?? DeliveryLine()
            if line.isFull { return nil }
            return Wish(ready: line.ready(at: now), next: line.mayLookFurther ? line.next : nil)
        }
    }

    /// Chooses what goes out now.
    /// - Parameters:
    ///   - ready: the known events of a wish, as far as they can be read.
    ///   - new: stored events from the wish's `next` on, in their order; nil for one that cannot be read.
    /// - Returns: also whether all of `new` has been dealt with.
    func take(
        _ function: String, ready: [ObjectEvent], new: [(order: UInt64, event: ObjectEvent?)], now: Timestamp
    ) -> (deliveries: [Delivery], isThrough: Bool) {
        state.withLock { state in
            guard !state.isStopped else { return ([], false) }
            // Taken out, so that changing it copies nothing.
            var line = state.lines.removeValue(forKey: function) ?? DeliveryLine()
            defer { state.lines[function] = line }
            var taken: [Delivery] = []
            var (old, fresh) = (ready[...], new[...])
            var isThrough = true
            while !line.isFull {
                if line.takeTurn(hasReady: !old.isEmpty, hasNew: !fresh.isEmpty) {
                    guard let (order, event) = fresh.first else { break }
                    switch Self.start(order, event, &line, now) {
                    case .noRoom:
                        (fresh, isThrough) = ([], false)
                        continue
                    case .later: break
                    case .now(let event, let attempts):
                        taken.append(Delivery(event: event, function: function, attempts: attempts))
                    }
                    fresh.removeFirst()
                } else {
                    guard let event = old.popFirst() else { break }
                    if let attempts = line.startAgain(event, otherwise: Self.attempts(event, now)) {
                        taken.append(Delivery(event: event, function: function, attempts: attempts))
                    }
                }
            }
            return (taken, isThrough && fresh.isEmpty)
        }
    }

    private enum Start {
        case now(ObjectEvent, Attempts)
        case later
        case noRoom
    }

    private static func start(
        _ order: UInt64, _ event: ObjectEvent?, _ line: inout DeliveryLine, _ now: Timestamp
    ) -> Start {
        guard let event else {
            line.skip(order)
            return .later
        }
        if let retry = event.retry, retry.time > now {
            // It failed before a restart.
            line.skip(order)
            line.wait(order, .init(event), until: retry.time, attempts(event, now))
            return .later
        }
        switch line.startNew(event) {
        case true?: return .now(event, attempts(event, now))
        case false?: return .noRoom
        case nil: return .later
        }
    }

    /// Of an event that nobody has tried since the start.
    private static func attempts(_ event: ObjectEvent, _ now: Timestamp) -> Attempts {
        Attempts(
            requestID: event.retry?.requestID ?? UUID4.make(), failures: event.retry?.failures ?? 0,
            firstTried: now)
    }

    /// Known events that are not stored any more, or cannot be read.
    func forget(_ orders: [UInt64], _ function: String) {
        state.withLock { state in
            for order in orders { state.lines[function]?.forget(order) }
        }
    }

    /// Judges an attempt that has ended. For any verdict but `wait` the store has to be changed, and then `settled`
    /// or `unsettled` to be called; nil when the service has been stopped meanwhile.
    func judge(_ delivery: inout Delivery, _ outcome: DeliveryOutcome, now: Timestamp) -> Verdict? {
        var attempts = delivery.attempts
        defer { delivery.attempts = attempts }
        return state.withLock { state -> Verdict? in
            guard !state.isStopped else { return nil }
            let verdict: Verdict
            var pause = Self.shortestPause
            switch outcome {
            case .done: verdict = .remove
            case .refused(let reason): verdict = .giveUp(reason)
            case .interrupted: verdict = .wait
            case .failed:
                attempts.failures += 1
                verdict =
                    attempts.failures > retryDelays.count
                    ? .giveUp("the function failed \(attempts.failures) times")
                    : .tryAgain(now + retryDelays[attempts.failures - 1])
            case .busy:
                attempts.refusals += 1
                pause = min(Self.longestPause, Self.shortestPause << Int64(min(attempts.refusals - 1, 10)))
                verdict =
                    now - attempts.firstTried > Self.patience
                    ? .giveUp("the function was busy for six hours") : .wait
            }
            guard verdict == .wait else {
                state.settling += 1
                return verdict
            }
            let event = delivery.event
            state.lines[delivery.function]?.wait(event.order, .init(event), until: now + pause, attempts)
            return verdict
        }
    }

    /// The store has been changed: the event is gone, or is tried again at that time.
    func settled(_ delivery: Delivery, again: Timestamp? = nil) {
        let stopping = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            let event = delivery.event
            if let again {
                state.lines[delivery.function]?.wait(
                    event.order, .init(event), until: again, delivery.attempts)
            } else {
                state.lines[delivery.function]?.end(event.order)
            }
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

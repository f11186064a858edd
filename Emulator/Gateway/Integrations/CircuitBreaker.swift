/// Keeps requests away from a backend that fails. Pure: whoever has one tells it the time, in milliseconds of a clock
/// that never goes back.
///
/// Closed, it lets everything pass and counts failures in a row. When there are too many it opens: requests
/// are refused at once. After a while it is half open: a few requests may try. When as many succeed it closes, at
/// the first failure it opens again.
public struct CircuitBreaker: Sendable {
    public struct Policy: Sendable, Equatable {
        /// Failures in a row that open the circuit.
        public var failureThreshold: Int
        /// How long nothing is tried.
        public var openMilliseconds: Int
        /// How many requests may try at once then, and how many have to succeed.
        public var halfOpenRequests: Int

        public init(failureThreshold: Int = 5, openMilliseconds: Int = 5_000, halfOpenRequests: Int = 1) {
            self.failureThreshold = failureThreshold
            self.openMilliseconds = openMilliseconds
            self.halfOpenRequests = halfOpenRequests
        }
    }

    public enum State: String, Sendable {
        case closed, open
        case halfOpen = "half-open"
    }

    /// The right to send one request. Its outcome counts only while the state has not changed since.
    public struct Ticket: Sendable, Equatable {
        let period: Int
    }

    public enum Outcome: Sendable {
        case success, failure
        /// The request says nothing about the backend, for example because its caller went away.
        case neither
    }

    public let policy: Policy
    public private(set) var state = State.closed
    private var failures = 0
    private var openedAt: UInt64 = 0
    private var trying = 0
    private var succeeded = 0
    /// Grows with each change of state.
    private var period = 0

    public init(_ policy: Policy) { self.policy = policy }

    /// nil refuses the request.
    public mutating func admit(now: UInt64) -> Ticket? {
        if state == .open {
            guard now >= openedAt + UInt64(policy.openMilliseconds) else { return nil }
            change(to: .halfOpen)
        }
        if state == .halfOpen {
            guard trying + succeeded < policy.halfOpenRequests else { return nil }
            trying += 1
        }
        return Ticket(period: period)
    }

    /// Takes note of how an admitted request ended.
    public mutating func note(_ outcome: Outcome, of ticket: Ticket, now: UInt64) {
        guard ticket.period == period else { return }
        switch (state, outcome) {
        case (.closed, .success): failures = 0
        case (.closed, .failure):
            failures += 1
            if failures >= policy.failureThreshold { open(now) }
        case (.halfOpen, .success):
            trying -= 1
            succeeded += 1
            if succeeded >= policy.halfOpenRequests { change(to: .closed) }
        case (.halfOpen, .failure): open(now)
        case (.halfOpen, .neither): trying -= 1
        case (.open, _), (.closed, .neither): break
        }
    }

    private mutating func open(_ now: UInt64) {
        change(to: .open)
        openedAt = now
    }

    private mutating func change(to new: State) {
        state = new
        period += 1
        failures = 0
        trying = 0
        succeeded = 0
    }
}

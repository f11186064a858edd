import Clock
import Gateway
import Lambda
import Net

/// Connects two siblings that must not know each other: the gateway asks, the Lambda service runs.
@EventLoop
struct GatewayInvocation {
    let lambda: LambdaService

    private let timeouts = CallTimeouts()

    nonisolated init(lambda: LambdaService) { self.lambda = lambda }

    /// Runs a function for the gateway, which gives up after `timeout` while the function goes on, as on AWS.
    func run(_ function: String, event: [UInt8], timeout: Int) async -> FunctionOutcome {
        await withCheckedContinuation { continuation in
            run(function, event: event, timeout: timeout) { continuation.resume(returning: $0) }
        }
    }

    /// As above, without a Task: `deliver` is called once, maybe before this returns.
    func run(
        _ function: String, event: [UInt8], timeout: Int,
        deliver: @escaping @EventLoop (FunctionOutcome) -> Void
    ) {
        let number = timeouts.add(deliver, milliseconds: timeout)
        lambda.invoke(function, payload: event) { outcome in
            if case .success = outcome { return timeouts.finish(number, FunctionOutcome(outcome)) }
            // What is said of a failure stands in the function's log before the caller hears of it.
            Task { @EventLoop in timeouts.finish(number, FunctionOutcome(outcome)) }
        }
    }
}

/// Calls of functions that the gateway will not wait for beyond a time of its own. One timer serves them all, as
/// hardly any of them gets there.
@EventLoop
private final class CallTimeouts {
    private var calls: [Int: (deadline: UInt64, deliver: @EventLoop (FunctionOutcome) -> Void)] = [:]
    private var nextNumber = 0
    private var timer: LoopTimer?
    private var firesAt = UInt64.max

    nonisolated init() {}

    func add(_ deliver: @escaping @EventLoop (FunctionOutcome) -> Void, milliseconds: Int) -> Int {
        let deadline = MonotonicClock.nanoseconds + UInt64(milliseconds) * 1_000_000
        nextNumber += 1
        calls[nextNumber] = (deadline, deliver)
        if deadline < firesAt { arm(deadline) }
        return nextNumber
    }

    /// The first outcome counts.
    func finish(_ number: Int, _ outcome: FunctionOutcome) {
        calls.removeValue(forKey: number)?.deliver(outcome)
    }

    private func arm(_ deadline: UInt64) {
        timer?.cancel()
        firesAt = deadline
        let now = MonotonicClock.nanoseconds
        let wait = deadline > now ? Int((deadline - now + 999_999) / 1_000_000) : 0
        timer = LoopTimer(afterMilliseconds: wait) { [weak self] in self?.fired() }
    }

    private func fired() {
        timer = nil
        firesAt = .max
        let now = MonotonicClock.nanoseconds
        for (number, call) in calls where call.deadline <= now { finish(number, .timedOut) }
        if let next = calls.values.map(\.deadline).min() { arm(next) }
    }
}

extension FunctionOutcome {
    init(_ outcome: InvokeOutcome) {
        switch outcome {
        case .success(let result): self = .payload(result.payload)
        case .functionError(let result): self = .functionError(result.payload)
        case .throttled: self = .throttled
        case .functionNotFound: self = .notFound
        case .startFailure: self = .functionError([])
        case .requestTooLarge: self = .payloadTooLarge
        }
    }
}

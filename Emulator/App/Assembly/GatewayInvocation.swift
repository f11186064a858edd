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
            let number = timeouts.add(continuation, milliseconds: timeout)
            lambda.invoke(function, payload: event) { timeouts.finish(number, FunctionOutcome($0)) }
        }
    }
}

/// Calls of functions that the gateway will not wait for beyond a time of its own. One timer serves them all, as
/// hardly any of them gets there.
@EventLoop
private final class CallTimeouts {
    private var calls: [Int: (deadline: UInt64, waiting: CheckedContinuation<FunctionOutcome, Never>)] = [:]
    private var nextNumber = 0
    private var timer: LoopTimer?
    private var firesAt = UInt64.max

    nonisolated init() {}

    func add(_ waiting: CheckedContinuation<FunctionOutcome, Never>, milliseconds: Int) -> Int {
        let deadline = MonotonicClock.nanoseconds + UInt64(milliseconds) * 1_000_000
        nextNumber += 1
        calls[nextNumber] = (deadline, waiting)
        if deadline < firesAt { arm(deadline) }
        return nextNumber
    }

    /// The first outcome counts.
    func finish(_ number: Int, _ outcome: FunctionOutcome) {
        calls.removeValue(forKey: number)?.waiting.resume(returning: outcome)
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

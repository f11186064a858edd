import Gateway
import Lambda
import Net

/// Connects two siblings that must not know each other: the gateway asks, the Lambda service runs.
@EventLoop
struct GatewayInvocation {
    let lambda: LambdaService
    /// Each function's own timeout in milliseconds.
    let functionTimeouts: [String: Int]

    /// Milliseconds that Lambda gives a first start, outside of the function's own timeout.
    private static let longestStart = 10_000

    /// Runs a function for the gateway, which gives up after `timeout` while the function goes on, as on AWS.
    func run(_ function: String, event: [UInt8], timeout: Int) async -> FunctionOutcome {
        // A function that Lambda ends sooner anyhow, a failed start included, needs no second timer.
        guard functionTimeouts[function, default: 0] + Self.longestStart >= timeout else {
            return FunctionOutcome(await lambda.invoke(function, payload: event))
        }
        let race = Race()
        Task { @EventLoop in race.finish(FunctionOutcome(await lambda.invoke(function, payload: event))) }
        let timer = LoopTimer(afterMilliseconds: timeout) { race.finish(.timedOut) }
        let outcome = await race.outcome()
        timer.cancel()
        return outcome
    }
}

/// The first of two results.
@EventLoop
private final class Race {
    private var result: FunctionOutcome?
    private var waiting: CheckedContinuation<FunctionOutcome, Never>?

    func finish(_ outcome: FunctionOutcome) {
        guard result == nil else { return }
        result = outcome
        waiting?.resume(returning: outcome)
    }

    func outcome() async -> FunctionOutcome {
        if let result { return result }
        return await withCheckedContinuation { waiting = $0 }
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

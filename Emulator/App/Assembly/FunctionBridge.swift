import Lambda
import Net
import Objects

/// Connects two siblings that must not know each other: buckets have events, Lambda runs functions. It exists
/// before both, for functions need the port at which the services answer.
@EventLoop
final class FunctionBridge {
    private let functions: [String: Manifest.Function]
    private var lambda: LambdaService?
    private var isEnding = false

    nonisolated init(_ manifest: Manifest) {
        functions = Dictionary(manifest.functions.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }

    func open(_ lambda: LambdaService) { self.lambda = lambda }

    /// From now on nothing that a function answers counts: it may be cut off at any moment.
    func end() { isEnding = true }

    /// - Parameter state: of the store that the buckets are in.
    nonisolated func invoker(_ state: LambdaState) -> FunctionInvoker {
        let names = Set(functions.keys)
        return FunctionInvoker(
            exists: { names.contains($0) || state.hasFunction($0) },
            invoke: { [self] name, payload, requestID in await call(name, payload, requestID) },
            queue: EventQueue(
                put: { try LambdaState.put(event: $1, for: $0, requestID: $2, in: $3) },
                wake: { name in Task { @EventLoop in self.lambda?.eventsArrived(for: name) } }))
    }

    private func call(_ name: String, _ payload: [UInt8], _ requestID: String) async -> DeliveryOutcome {
        guard let lambda, !isEnding else { return .interrupted }
        let outcome = await lambda.invoke(name, payload: payload, InvokeOptions(requestID: requestID))
        switch outcome {
        case .success: return .done
        case _ where isEnding: return .interrupted
        case .functionError: return .failed
        case .throttled:
            // Nothing will ever run: AWS gives up at once.
            let isClosed = functions[name]?.reservedConcurrency == 0
            return isClosed ? .refused("its reserved concurrency is 0") : .busy
        case .startFailure: return .busy
        case .functionNotFound: return .refused("there is no such function")
        case .requestTooLarge: return .refused("the event is too large")
        }
    }
}

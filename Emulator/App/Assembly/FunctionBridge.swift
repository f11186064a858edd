import Lambda
import Net
import Objects

/// Connects two siblings that must not know each other: buckets have events, Lambda runs functions. It exists
/// before both, for functions need the port at which the services answer.
@EventLoop
final class FunctionBridge {
    /// Of the manifest.
    private let names: Set<String>
    private var lambda: LambdaService?

    nonisolated init(_ manifest: Manifest) { names = Set(manifest.functions.map(\.name)) }

    func open(_ lambda: LambdaService) { self.lambda = lambda }

    /// - Parameter state: of the store that the buckets are in.
    nonisolated func queue(_ state: LambdaState) -> EventQueue {
        EventQueue(
            exists: { [names] in names.contains($0) || state.hasFunction($0) },
            put: { try LambdaState.put(event: $1, for: $0, requestID: $2, in: $3) },
            wake: { name in Task { @EventLoop in self.lambda?.eventsArrived(for: name) } })
    }
}

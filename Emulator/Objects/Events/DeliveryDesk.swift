import Synchronization

/// Whether any bucket has somebody to tell of events.
final class DeliveryDesk: Sendable {
    private struct State {
        var isListening = false
        var hasLooked = false
    }
    private let state = Mutex(State())

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
}

import Net
import Store

/// Removes the events of functions that were deleted, however many there are, and goes on with it after a restart. A new
/// function of the same name keeps its own events; until the old ones are gone nothing is sent out under that name.
@EventLoop final class DeletedEvents {
    /// Events looked at in one commit.
    private nonisolated static let portion = 200

    /// Takes one line for the operator.
    private let log: @EventLoop (String) -> Void
    /// Called with a function's name when its old events are gone.
    private let onGone: @EventLoop (String) -> Void
    private var store: Store?
    /// By function: events with lower numbers go.
    private var limits: [String: UInt64] = [:]
    private let removals = UnderWay()

    init(log: @escaping @EventLoop (String) -> Void, onGone: @escaping @EventLoop (String) -> Void) {
        self.log = log
        self.onGone = onGone
    }

    /// Whether old events of the function are still there.
    func isGoing(_ function: String) -> Bool { limits[function] != nil }

    /// Goes on with what is marked in a store.
    func open(_ store: Store) {
        self.store = store
        do {
            limits = try store.read { try AsyncStorage.drops($0) }
        } catch {
            log("The queue of asynchronous events cannot be read: \(error).")
        }
        for name in limits.keys { begin(name) }
    }

    /// Lets go of the store, after the commit under way.
    func pause() async {
        store = nil
        await removals.none()
    }

    /// A function was deleted, and `AsyncStorage.forget` was a part of that. Without a store there is nothing to do:
    /// whoever opens it finds the mark.
    func forget(_ function: String) {
        guard let store else { return }
        do {
            guard let limit = try store.read({ try AsyncStorage.limit(ofDrop: function, $0) }) else { return }
            if limits.updateValue(limit, forKey: function) == nil { begin(function) }
        } catch {
            log("The queue of asynchronous events cannot be read: \(error).")
        }
    }

    private func begin(_ function: String) {
        removals.begin()
        Task { @EventLoop in
            await self.remove(function)
            self.removals.end()
        }
    }

    private func remove(_ function: String) async {
        let first = QueueKeys.events(function)
        var from = first
        guard var limit = limits[function] else { return }
        while let store {
            let (start, bound) = (from, limit)
            do {
                let next = try await store.commit {
                    try AsyncStorage.drop(
                        function, before: bound, from: start, portion: Self.portion, in: $0)
                }
                if let next {
                    from = next
                } else if let newest = limits[function], newest != limit {
                    // It was deleted once more.
                    (from, limit) = (first, newest)
                } else {
                    limits[function] = nil
                    return onGone(function)
                }
            } catch StoreError.closed {
                return
            } catch {
                log("The events of function '\(function)', which was deleted, are not gone yet: \(error).")
                await sleep(milliseconds: 1_000)
            }
        }
    }
}

import Store
import Synchronization

/// One kind of work that goes on beside requests, in portions that are one commit each. How far it has come is
/// stored in the same commit, so after a restart it goes on where it stopped.
protocol WorkSource: Sendable {
    /// Does the next portion.
    /// - Returns: whether there may be more to do.
    static func advance(_ environment: TableEnvironment) async throws -> Bool
}

/// Does what operations leave to be done later. One portion at a time, so that requests never wait long.
final class BackgroundWork: Sendable {
    private static let sources: [any WorkSource.Type] = [
        GarbageCollection.self, Recount.self, CopyWork.self, RestoreWork.self, IndexBackfill.self,
        Sweeper.self, LogRetention.self,
    ]

    private struct State {
        var task: Task<Void, Never>?
        /// There may be work that the running task has not seen.
        var isWanted = false
        var isStopped = false
    }

    private let state = Mutex(State())

    /// To be called when there may be work: after a commit that leaves some, and every second.
    func wake(_ environment: TableEnvironment) {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isWanted = true
            if state.task == nil { state.task = Task { await self.run(environment) } }
        }
    }

    /// Waits until all work that there is has been done; for tests and for a clean stop of `wake`'s task.
    func finish() async {
        while let task = state.withLock({ $0.task }) { await task.value }
    }

    /// Ends the work after the portion under way. The rest is done after the next start.
    func stop() async {
        state.withLock { $0.isStopped = true }
        await finish()
    }

    private func run(_ environment: TableEnvironment) async {
        while takeTurn() {
            // One portion of each in turn: a large table that goes must not hold up an index that comes.
            var busy = Self.sources
            while !busy.isEmpty {
                var stillBusy: [any WorkSource.Type] = []
                for source in busy where !isStopped {
                    // A failure ends this source's turn; it is tried again at the next wake.
                    if (try? await source.advance(environment)) == true { stillBusy.append(source) }
                }
                // Who was woken meanwhile takes part from now on.
                busy = takeWish() ? Self.sources : stillBusy
            }
        }
    }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    private func takeWish() -> Bool {
        state.withLock { state in
            defer { state.isWanted = false }
            return state.isWanted && !state.isStopped
        }
    }

    private func takeTurn() -> Bool {
        state.withLock { state in
            if state.isWanted, !state.isStopped {
                state.isWanted = false
                return true
            }
            state.task = nil
            return false
        }
    }
}

import Synchronization

/// One kind of work that goes on beside requests, in portions that are one commit each. How far it has come is
/// stored in the same commit, so after a restart it goes on where it stopped.
public protocol WorkSource<Environment>: Sendable {
    /// What the work is done with.
    associatedtype Environment: Sendable

    /// Does the next portion.
    /// - Returns: whether there may be more to do.
    static func advance(_ environment: Environment) async throws -> Bool
}

/// Does what operations leave to be done later. One portion at a time, so that requests never wait long.
public final class BackgroundWork<Environment: Sendable>: Sendable {
    private let sources: [any WorkSource<Environment>.Type]

    private struct State {
        var task: Task<Void, Never>?
        /// There may be work that the running task has not seen.
        var isWanted = false
        var isStopped = false
    }

    private let state = Mutex(State())

    public init(_ sources: [any WorkSource<Environment>.Type]) { self.sources = sources }

    /// To be called when there may be work: after a commit that leaves some, and every second.
    public func wake(_ environment: Environment) {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isWanted = true
            if state.task == nil { state.task = Task { await self.run(environment) } }
        }
    }

    /// Waits until all work that there is has been done; for tests and for a clean stop of `wake`'s task.
    public func finish() async {
        while let task = state.withLock({ $0.task }) { await task.value }
    }

    /// Ends the work after the portion under way. The rest is done after the next start.
    public func stop() async {
        state.withLock { $0.isStopped = true }
        await finish()
    }

    private func run(_ environment: Environment) async {
        while takeTurn() {
            // One portion of each in turn: what is long must not hold up what comes after it.
            var busy = sources
            while !busy.isEmpty {
                var stillBusy: [any WorkSource<Environment>.Type] = []
                for source in busy where !isStopped {
                    // A failure ends this source's turn; it is tried again at the next wake.
                    if (try? await source.advance(environment)) == true { stillBusy.append(source) }
                }
                // Who was woken meanwhile takes part from now on.
                busy = takeWish() ? sources : stillBusy
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

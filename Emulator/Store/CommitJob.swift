/// One caller's commit, from the queue to its answer. Used by one thread at a time: the caller's until it is
/// queued, the commit thread's after that.
protocol CommitJob: AnyObject, Sendable {
    /// Runs the body; says whether it ended well.
    func run(_ transaction: Transaction) -> Bool

    /// Answers the caller: with `failure`, or with what the body returned or threw.
    func finish(_ failure: StoreError?)
}

final class BodyJob<R: Sendable>: CommitJob, @unchecked Sendable {
    private let body: @Sendable (Transaction) throws -> R
    /// Resumed exactly once: the committer finishes each job that it takes, whatever happens. A checked one
    /// would cost every write an allocation and a lock.
    private let continuation: UnsafeContinuation<R, any Error>
    private var outcome: Result<R, any Error> = .failure(StoreError.closed)

    init(
        _ body: @escaping @Sendable (Transaction) throws -> R,
        _ continuation: UnsafeContinuation<R, any Error>
    ) {
        self.body = body
        self.continuation = continuation
    }

    func run(_ transaction: Transaction) -> Bool {
        do {
            outcome = .success(try body(transaction))
            return true
        } catch {
            outcome = .failure(error)
            return false
        }
    }

    func finish(_ failure: StoreError?) {
        if let failure {
            continuation.resume(throwing: failure)
        } else {
            continuation.resume(with: outcome)
        }
    }
}

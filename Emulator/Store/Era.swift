import Synchronization

/// Counts the commits that change steady keys (``Keyspace/steadyKind``): as long as the count stays, so do they.
/// Changed by the commit thread alone, read by all.
final class Era: Sendable {
    /// Odd while such a commit is being written: nobody knows then which state a reader sees.
    private let count = Atomic<UInt64>(0)

    var current: UInt64? {
        let count = count.load(ordering: .acquiring)
        return count % 2 == 0 ? count : nil
    }

    /// Before a commit that changes steady keys can be seen. After one that failed this comes again.
    func beginChange() {
        let now = count.load(ordering: .relaxed)
        count.store(now + (now % 2 == 0 ? 1 : 2), ordering: .sequentiallyConsistent)
    }

    /// When it can be seen by all, or is known not to have happened. Else this does nothing.
    func endChange() {
        let now = count.load(ordering: .relaxed)
        if now % 2 == 1 { count.store(now + 1, ordering: .sequentiallyConsistent) }
    }
}

import Net

/// Counts what has begun and not ended yet, and lets others wait until that is nothing.
@EventLoop final class UnderWay {
    private(set) var count = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    nonisolated init() {}

    func begin() { count += 1 }

    /// The end of one `begin`.
    func end() {
        count -= 1
        guard count == 0 else { return }
        let all = waiting
        waiting = []
        for continuation in all { continuation.resume() }
    }

    /// Returns once everything has ended, at once when there is nothing.
    func none() async {
        guard count > 0 else { return }
        await withCheckedContinuation { waiting.append($0) }
    }
}

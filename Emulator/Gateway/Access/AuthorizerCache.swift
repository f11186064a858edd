import Synchronization

/// What authorizers have answered, by identity, for as long as each may be used again.
final class AuthorizerCache<Answer: Sendable>: Sendable {
    private struct Entry: Sendable {
        let answer: Answer
        /// Nanoseconds.
        let expires: UInt64
    }

    /// So many identities at most: whoever invents one with each request must not fill the memory.
    private static var largest: Int { 10_000 }

    private let entries = Mutex<[String: Entry]>([:])

    func answer(for identity: String, nowNanoseconds: UInt64) -> Answer? {
        entries.withLock { entries in
            guard let entry = entries[identity] else { return nil }
            guard entry.expires > nowNanoseconds else {
                entries[identity] = nil
                return nil
            }
            return entry.answer
        }
    }

    func keep(_ answer: Answer, for identity: String, untilNanoseconds: UInt64, nowNanoseconds: UInt64) {
        entries.withLock { entries in
            if entries.count >= Self.largest {
                entries = entries.filter { $0.value.expires > nowNanoseconds }
                if entries.count >= Self.largest { entries.removeAll() }
            }
            entries[identity] = Entry(answer: answer, expires: untilNanoseconds)
        }
    }

    func removeAll() { entries.withLock { $0.removeAll() } }
}

import Synchronization

/// Idle connections by origin. Bounded: the oldest goes when an origin has too many.
final class ConnectionPool: Sendable {
    struct Origin: Hashable, Sendable {
        let scheme: String
        let host: String
        let port: Int
    }

    private let maxIdlePerOrigin: Int
    private let idle = Mutex<[Origin: [HTTPConnection]]>([:])

    init(maxIdlePerOrigin: Int) { self.maxIdlePerOrigin = maxIdlePerOrigin }

    /// The connection used last, which is the one least likely to have timed out. Dead ones are
    /// dropped on the way.
    func take(_ origin: Origin) -> HTTPConnection? {
        while let connection = idle.withLock({ $0[origin]?.popLast() }) {
            if connection.isReusable { return connection }
        }
        return nil
    }

    func put(_ connection: HTTPConnection, _ origin: Origin) {
        guard maxIdlePerOrigin > 0 else { return }
        // Closing happens after the lock is released, with the last reference.
        let surplus: HTTPConnection? = idle.withLock { idle in
            let oldest = (idle[origin]?.count ?? 0) >= maxIdlePerOrigin ? idle[origin]?.removeFirst() : nil
            idle[origin, default: []].append(connection)
            return oldest
        }
        _ = surplus
    }
}

import Glibc
import Synchronization

/// The kernel's random numbers, fetched in blocks: as unpredictable as `SystemRandomNumberGenerator`,
/// without a system call for every eight bytes. For identifiers that every request needs.
public struct BufferedRandomNumberGenerator: RandomNumberGenerator, Sendable {
    private struct Pool {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        var used = 4_096
    }

    private static let pool = Mutex(Pool())

    public init() {}

    public func next() -> UInt64 {
        Self.pool.withLock { pool in
            if pool.used == pool.bytes.count { Self.fill(&pool) }
            let value = pool.bytes.withUnsafeBytes {
                $0.loadUnaligned(fromByteOffset: pool.used, as: UInt64.self)
            }
            pool.used += 8
            return value
        }
    }

    private static func fill(_ pool: inout Pool) {
        // getentropy(3) gives at most 256 bytes a call, and fails only for larger wishes.
        for start in stride(from: 0, to: pool.bytes.count, by: 256) {
            let status = pool.bytes.withUnsafeMutableBytes { getentropy($0.baseAddress! + start, 256) }
            precondition(status == 0, "the kernel gives no random numbers")
        }
        pool.used = 0
    }
}

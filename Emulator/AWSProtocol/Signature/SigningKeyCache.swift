import Signing
import Synchronization

/// Derived keys of recent requests: deriving one takes four HMACs, and clients use one scope for a day.
final class SigningKeyCache: Sendable {
    /// Keys that are kept; when full it starts anew. Only known secrets and checked scopes get here, so
    /// nobody can fill it at will but by the dates of requests, and those are held against the clock.
    private static let capacity = 64

    private struct Entry: Sendable {
        let secret: String
        let scope: SigningScope
        let key: [UInt8]
    }

    private let entries = Mutex<[Entry]>([])

    /// 32 bytes, as ``SigningKey/derive(secret:scope:)``.
    func key(secret: String, scope: SigningScope) -> [UInt8] {
        entries.withLock { entries in
            if let known = entries.first(where: { $0.scope == scope && $0.secret == secret }) {
                return known.key
            }
            let key = SigningKey.derive(secret: secret, scope: scope)
            if entries.count >= Self.capacity { entries.removeAll(keepingCapacity: true) }
            entries.append(Entry(secret: secret, scope: scope, key: key))
            return key
        }
    }
}

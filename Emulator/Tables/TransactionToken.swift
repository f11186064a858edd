import Bytes
import Clock
import Digests
import JSON
import Store

/// A `ClientRequestToken`: the same request under the same token is carried out once within ten minutes.
/// It is stored in the transaction it belongs to, so a crash cannot part the two.
struct TransactionToken: Sendable {
    static let lifetimeMilliseconds: Int64 = 600_000
    static let prefix = Array("dynamodb/token/".utf8)
    static let timePrefix = Array("dynamodb/token-time/".utf8)

    /// Time and digest.
    static let storedLength = 8 + SHA256.length

    private let text: String
    private let digest: [UInt8]

    init(text: String, payload: JSONValue) {
        self.text = text
        digest = SHA256.hash(Self.canonical(payload).encoded())
    }

    /// Members in order of their names: a client may send a map's members in any order.
    private static func canonical(_ value: JSONValue) -> JSONValue {
        if let array = value.array { return .array(array.map(canonical)) }
        guard let object = value.object else { return value }
        var sorted = JSONObject()
        for key in object.keys.sorted() { sorted.append(key, canonical(object[key] ?? .null)) }
        return .object(sorted)
    }

    private var key: [UInt8] { Self.prefix + Array(text.utf8) }

    /// - Throws: `IdempotentParameterMismatchException` when the token stands for another request.
    func isRepeated(in transaction: Transaction, at now: Timestamp) throws -> Bool {
        guard let stored = try transaction.get(.settings, key), stored.count == 8 + digest.count else {
            return false
        }
        guard now.milliseconds - Self.time(stored[..<8]) < Self.lifetimeMilliseconds else { return false }
        guard Array(stored[8...]) == digest else { throw TableErrors.idempotentMismatch }
        return true
    }

    func remember(in transaction: Transaction, at now: Timestamp) throws {
        var time: [UInt8] = []
        KeyEncoding.append(UInt64(max(0, now.milliseconds)), to: &time)
        transaction.put(.settings, key, time + digest)
        transaction.put(.settings, Self.timePrefix + time + Array(text.utf8), [])
    }

    private static func time(_ bytes: ArraySlice<UInt8>) -> Int64 {
        Int64(bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    /// Forgets up to `limit` tokens whose time is over.
    static func forgetOld(in transaction: Transaction, at now: Timestamp, limit: Int) throws {
        var end: [UInt8] = timePrefix
        KeyEncoding.append(UInt64(max(0, now.milliseconds - lifetimeMilliseconds)), to: &end)
        var old: [[UInt8]] = []
        try transaction.scan(.settings, from: timePrefix, to: end, reverse: false) { key, _ in
            old.append(key)
            return old.count < limit
        }
        for entry in old {
            let time = entry[timePrefix.count..<timePrefix.count + 8]
            let key = prefix + Array(entry[(timePrefix.count + 8)...])
            // A token that has been used again since belongs to a later entry.
            if let stored = try transaction.get(.settings, key), stored.prefix(8) == time {
                transaction.delete(.settings, key)
            }
            transaction.delete(.settings, entry)
        }
    }

    static func hasOld(_ snapshot: Snapshot, at now: Timestamp) throws -> Bool {
        var end: [UInt8] = timePrefix
        KeyEncoding.append(UInt64(max(0, now.milliseconds - lifetimeMilliseconds)), to: &end)
        var found = false
        try snapshot.scan(.settings, from: timePrefix, to: end, reverse: false) { _, _ in
            found = true
            return false
        }
        return found
    }
}

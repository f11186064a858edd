import Store

/// Removes what dropped tables and indexes leave behind. Their ids are never used again, so nobody sees it;
/// a large table must not hold up everybody's commits while it goes.
struct GarbageCollection: WorkSource {
    /// Keys that one commit removes at most.
    static let portion = 1_000
    /// Bytes of values after which a commit removes no more: they are read to find the keys.
    static let portionBytes = 8 << 20

    private static let prefix = Array("dynamodb/garbage/".utf8)

    /// Removes all keys with this prefix: a few at once, many in portions.
    static func drop(_ keyspace: Keyspace, prefix: [UInt8], in transaction: Transaction) throws {
        if try removeSome(keyspace, prefix, transaction) {
            transaction.put(.settings, Self.prefix + Array("\(keyspace.rawValue)/".utf8) + prefix, [])
        }
    }

    /// Prefixes in a keyspace that are being removed.
    static func waiting(_ source: some Reading) throws -> [(keyspace: Keyspace, prefix: [UInt8])] {
        var found: [(keyspace: Keyspace, prefix: [UInt8])] = []
        try source.scan(.settings, from: prefix, to: KeyEncoding.successor(ofPrefix: prefix)) { key, _ in
            let rest = key.dropFirst(prefix.count)
            guard let slash = rest.firstIndex(of: UInt8(ascii: "/")),
                let keyspace = Keyspace(rawValue: String(decoding: rest[..<slash], as: UTF8.self))
            else { throw StoreError.corrupt("a note of what to remove cannot be read") }
            found.append((keyspace, Array(rest[(slash + 1)...])))
            return true
        }
        return found
    }

    static func advance(_ environment: TableEnvironment) async throws -> Bool {
        guard let next = try environment.store.read({ try waiting($0).first }) else { return false }
        return try await environment.store.commit { transaction in
            if try !removeSome(next.keyspace, next.prefix, transaction) {
                transaction.delete(
                    .settings, prefix + Array("\(next.keyspace.rawValue)/".utf8) + next.prefix)
            }
            return true
        }
    }

    /// - Returns: whether there may be more.
    private static func removeSome(
        _ keyspace: Keyspace, _ prefix: [UInt8], _ transaction: Transaction
    ) throws -> Bool {
        var (keys, bytes) = ([[UInt8]](), 0)
        try transaction.scan(keyspace, from: prefix, to: KeyEncoding.successor(ofPrefix: prefix)) {
            key, value in
            keys.append(key)
            bytes += value.count
            return keys.count < portion && bytes < portionBytes
        }
        for key in keys { transaction.delete(keyspace, key) }
        return keys.count == portion || bytes >= portionBytes
    }
}

import Clock
import Expressions
import Store

/// Deletes expired items. An index of expiry times leads straight to them, so a round costs what it deletes
/// and not what the tables hold. A round is short; a backlog that is longer goes on in the background, in
/// portions, with writers between them.
struct Sweeper: WorkSource {
    /// Items each transaction handles, so that writers never wait long.
    static let batch = 100
    /// Items of each table that one round deletes at most; the rest is work in the background.
    static let maximumPerRound = 1_000
    /// Older expiry times are taken for mistakes (Amazon DynamoDB Developer Guide, "How it works: TTL").
    static let maximumAgeSeconds: Int64 = 5 * 365 * 86_400

    let environment: TableEnvironment

    /// A failure ends the round; the next one starts again from what is stored.
    func run() async {
        await environment.catalog.settle(environment.store)
        let now = environment.clock.now
        for table in environment.catalog.all where table.timeToLive != nil {
            for _ in 0..<Self.maximumPerRound / Self.batch {
                guard (try? await Self.advance(table, environment)) == true else { break }
            }
        }
        await forgetTokens(now)
    }

    /// A portion of each table's backlog.
    static func advance(_ environment: TableEnvironment) async throws -> Bool {
        var isMore = false
        for table in environment.catalog.all where table.timeToLive != nil {
            if (try? await advance(table, environment)) == true { isMore = true }
        }
        return isMore
    }

    /// - Returns: whether there may be more.
    private static func advance(_ table: Table, _ environment: TableEnvironment) async throws -> Bool {
        let isIndexing = try await indexMore(table, environment)
        let count = try await deleteExpired(table, environment)
        return isIndexing || count == batch
    }

    private func forgetTokens(_ now: Timestamp) async {
        guard (try? environment.store.read({ try TransactionToken.hasOld($0, at: now) })) == true else {
            return
        }
        // Forgetting late does no harm: an old token counts as unknown anyway.
        _ = try? await environment.store.commit { transaction in
            try TransactionToken.forgetOld(in: transaction, at: now, limit: Self.maximumPerRound)
        }
    }

    /// - Returns: how many entries of the index of expiry times were dealt with.
    private static func deleteExpired(
        _ table: Table, _ environment: TableEnvironment
    ) async throws -> Int {
        let now = environment.clock.now
        let oldest = max(0, now.seconds - maximumAgeSeconds)
        let from = KeyEncoding.expiryKey(table, seconds: oldest)
        let to = KeyEncoding.expiryKey(table, seconds: now.seconds)
        var due: [[UInt8]] = []
        try environment.store.read { snapshot in
            try snapshot.scan(.indexEntries, from: from, to: to, reverse: false) { key, _ in
                due.append(key)
                return due.count < batch
            }
        }
        guard !due.isEmpty else { return 0 }
        let entries = due
        try await environment.store.commit { transaction in
            let table = try table.newest(in: transaction)
            for entry in entries {
                let key = Array(entry[KeyEncoding.expiryKeyLength...])
                // The item may have been changed since the entry was read. One that cannot be read stays, but must
                // not hold up those behind it.
                if let item = try readable(key, transaction), let expiry = table.expiry(of: item),
                    expiry < now.seconds, expiry >= oldest
                {
                    _ = try ItemWriter.replace(
                        item, with: nil, key: key, in: table, transaction, origin: .timeToLive)
                } else {
                    transaction.delete(.indexEntries, entry)
                }
            }
        }
        return entries.count
    }

    private static func readable(_ key: [UInt8], _ transaction: Transaction) throws -> Item? {
        do {
            return try ItemWriter.read(transaction, key)
        } catch is CodecError {
            return nil
        }
    }

    // MARK: items that were there before expiry was enabled

    /// Where the indexing of a table goes on. Absent when all is indexed.
    static func cursorKey(_ table: Table) -> [UInt8] { cursorPrefix + KeyEncoding.prefix(table.id) }

    static let cursorPrefix = Array("dynamodb/expiry-cursor/".utf8)

    /// Enters the expiry times of the next items.
    /// - Returns: whether there is more to do.
    private static func indexMore(_ table: Table, _ environment: TableEnvironment) async throws -> Bool {
        let cursorKey = cursorKey(table)
        guard try environment.store.read({ try $0.get(.settings, cursorKey) }) != nil else { return false }
        return try await environment.store.commit { transaction in
            let table = try table.newest(in: transaction)
            guard let cursor = try transaction.get(.settings, cursorKey) else { return false }
            var found: [(key: [UInt8], expiry: Int64)] = []
            var (seen, last) = (0, cursor)
            let end = KeyEncoding.successor(ofPrefix: KeyEncoding.prefix(table.id))
            try transaction.scan(.items, from: cursor, to: end, reverse: false) { key, value in
                if let item = try? Item(decoding: value), let expiry = table.expiry(of: item) {
                    found.append((key, expiry))
                }
                seen += 1
                last = key
                return seen < 10 * batch
            }
            for (key, expiry) in found {
                transaction.put(
                    .indexEntries, KeyEncoding.expiryKey(table, seconds: expiry, itemKey: key), [])
            }
            guard seen == 10 * batch else {
                transaction.delete(.settings, cursorKey)
                return false
            }
            transaction.put(.settings, cursorKey, last + [0])
            return true
        }
    }
}

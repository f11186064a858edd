import Expressions
import Store

/// Enters the items that were there before an index. From the commit that defines the index on every write
/// keeps it, so this walks over the items once, in the order of their keys, and adds the entries that are not
/// there.
struct IndexBackfill: WorkSource {
    /// Items, and bytes of stored items, that one commit handles: writers wait no longer than for these.
    static let portion = 200
    static let portionBytes = 1 << 20

    static let cursorPrefix = Array("dynamodb/backfill/".utf8)

    /// Where the walk goes on. Absent when all items have been seen.
    static func cursorKey(_ index: TableIndex) -> [UInt8] { cursorPrefix + KeyEncoding.prefix(index.id) }

    /// To be called in the commit that defines the index.
    static func begin(_ index: TableIndex, of table: TableDefinition, in transaction: Transaction) {
        transaction.put(.settings, cursorKey(index), KeyEncoding.prefix(table.id))
    }

    /// Removes an index: its entries go in the background.
    static func drop(_ index: TableIndex, in transaction: Transaction) throws {
        transaction.delete(.settings, cursorKey(index))
        try GarbageCollection.drop(.indexEntries, prefix: KeyEncoding.prefix(index.id), in: transaction)
        try TableCounter.reset(index.id, in: transaction)
    }

    static func advance(_ environment: TableEnvironment) async throws -> Bool {
        for table in environment.catalog.all {
            for index in table.indexes where index.isBackfilling {
                // Whoever drops the table or the index ends the work on it.
                guard let live = table.life.state.newest?.index(index.name), live.id == index.id,
                    live.isBackfilling
                else { continue }
                try await advance(index.id, of: table, environment)
                return true
            }
        }
        return false
    }

    private static func advance(
        _ id: UInt32, of table: Table, _ environment: TableEnvironment
    ) async throws {
        let isSeen = try await environment.store.commit { transaction in
            let table = try table.newest(in: transaction)
            guard let index = table.indexes.first(where: { $0.id == id }), index.isBackfilling else {
                return false
            }
            return try enterMore(index, of: table, transaction)
        }
        guard isSeen else { return }
        try await environment.changeDefinition(table.name) { transaction in
            let table = try table.newest(in: transaction)
            guard let position = table.indexes.firstIndex(where: { $0.id == id }) else { return }
            Catalog.write(table.with { $0.indexes[position].isBackfilling = false }, in: transaction)
        }
    }

    /// - Returns: whether all items have been seen.
    private static func enterMore(
        _ index: TableIndex, of table: Table, _ transaction: Transaction
    ) throws -> Bool {
        guard let cursor = try transaction.get(.settings, cursorKey(index)) else { return true }
        var found: [(entry: [UInt8], key: [UInt8], size: Int)] = []
        var (seen, bytes, last) = (0, 0, cursor)
        let end = KeyEncoding.successor(ofPrefix: KeyEncoding.prefix(table.id))
        try transaction.scan(.items, from: cursor, to: end, reverse: false) { key, value in
            let item = try Item(decoding: value)
            // An item whose attributes do not fit the index's key is not in the index.
            if let entry = KeyEncoding.entryKey(index, item, itemKey: key) {
                found.append((entry, key, index.view(of: item).itemSize))
            }
            seen += 1
            bytes += value.count
            last = key
            return seen < portion && bytes < portionBytes
        }
        for (entry, key, size) in found where try transaction.get(.indexEntries, entry) == nil {
            transaction.put(.indexEntries, entry, key)
            try transaction.count(TableCounter.items.id(index.id), by: 1)
            try transaction.count(TableCounter.bytes.id(index.id), by: Int64(size))
        }
        guard seen == portion || bytes >= portionBytes else {
            transaction.delete(.settings, cursorKey(index))
            return true
        }
        transaction.put(.settings, cursorKey(index), last + [0])
        return false
    }
}

import Expressions
import JSON
import Store

/// Reads and writes items inside transactions; an item changes together with all its index entries.
enum ItemWriter {
    static func read(_ source: some Reading, _ key: [UInt8]) throws -> Item? {
        guard let bytes = try source.get(.items, key) else { return nil }
        return try Item(decoding: bytes)
    }

    /// Replaces `old` (what is stored under the key now) by `new`; nil stands for no item.
    /// - Parameter table: its newest definition.
    /// - Returns: the units it costs.
    static func replace(
        _ old: Item?, with new: Item?, key: [UInt8], in table: Table, _ transaction: Transaction,
        origin: ChangeRecord.Origin = .user
    ) throws -> Consumption {
        let (oldSize, newSize) = (old?.itemSize ?? 0, new?.itemSize ?? 0)
        var consumption = Consumption()
        consumption.table = Consumption.write(old: oldSize, new: newSize)
        if !table.definition.copies.isEmpty {
            try TableCopy.preserve(old, key: key, in: table, transaction)
        }
        if let new {
            transaction.put(.items, key, new.encoded())
        } else if old != nil {
            transaction.delete(.items, key)
        }
        try count(table.id, old == nil ? nil : oldSize, new == nil ? nil : newSize, transaction)
        for index in table.indexes {
            let units = try replaceEntry(of: index, old, new, key: key, transaction)
            if units > 0 { consumption.add(units, to: index) }
        }
        if table.timeToLive != nil { try replaceExpiry(old, new, key: key, in: table, transaction) }
        if table.definition.logsChanges, old != new {
            let record = ChangeRecord(time: transaction.now, origin: origin, key: key, old: old, new: new)
            try ChangeLog.append(record, table: table.id, transaction)
        }
        return consumption
    }

    /// Keeps the counters of a table or an index; a nil size stands for no item.
    private static func count(
        _ owner: UInt32, _ old: Int?, _ new: Int?, _ transaction: Transaction
    ) throws {
        let items = (new == nil ? 0 : 1) - (old == nil ? 0 : 1)
        if items != 0 { try transaction.count(TableCounter.items.id(owner), by: Int64(items)) }
        let bytes = (new ?? 0) - (old ?? 0)
        if bytes != 0 { try transaction.count(TableCounter.bytes.id(owner), by: Int64(bytes)) }
    }

    private static func replaceEntry(
        of index: TableIndex, _ old: Item?, _ new: Item?, key: [UInt8], _ transaction: Transaction
    ) throws -> Double {
        var before = old.flatMap { KeyEncoding.entryKey(index, $0, itemKey: key) }
        // The backfill may not have come to this item yet.
        if index.isBackfilling, let entry = before, try transaction.get(.indexEntries, entry) == nil {
            before = nil
        }
        let after = new.flatMap { KeyEncoding.entryKey(index, $0, itemKey: key) }
        if before == nil && after == nil { return 0 }
        let oldView = before == nil ? nil : old.map(index.view)
        let newView = after == nil ? nil : new.map(index.view)
        let (oldSize, newSize) = (oldView?.itemSize, newView?.itemSize)
        try count(index.id, oldSize, newSize, transaction)
        // An entry holds only a reference, so one whose key stays needs no write of its own.
        if before == after {
            return oldView == newView ? 0 : Consumption.write(old: oldSize ?? 0, new: newSize ?? 0)
        }
        var units = 0.0
        if let before {
            transaction.delete(.indexEntries, before)
            units += Consumption.write(old: oldSize ?? 0, new: 0)
        }
        if let after {
            transaction.put(.indexEntries, after, key)
            units += Consumption.write(old: 0, new: newSize ?? 0)
        }
        return units
    }

    private static func replaceExpiry(
        _ old: Item?, _ new: Item?, key: [UInt8], in table: Table, _ transaction: Transaction
    ) throws {
        let before = old.flatMap(table.expiry)
        let after = new.flatMap(table.expiry)
        guard before != after else { return }
        if let before {
            transaction.delete(
                .indexEntries, KeyEncoding.expiryKey(table, seconds: before, itemKey: key))
        }
        if let after {
            transaction.put(
                .indexEntries, KeyEncoding.expiryKey(table, seconds: after, itemKey: key), [])
        }
    }

    /// `ReturnItemCollectionMetrics`: only tables with a local index have collections that AWS measures.
    static func collectionMetrics(_ table: Table, key: Item, wanted: Bool) -> JSONValue? {
        guard wanted, table.hasLocalIndexes, let hash = key[table.hashKey.name] else { return nil }
        var collection = JSONObject()
        collection.append(table.hashKey.name, hash.json)
        return [
            "ItemCollectionKey": .object(collection),
            "SizeEstimateRangeGB": [Consumption.number(0), Consumption.number(1)],
        ]
    }
}

extension Table {
    /// When the item expires, in seconds since the epoch; nil when it does not.
    func expiry(of item: Item) -> Int64? {
        guard let timeToLive, case .n(let number)? = item[timeToLive], number.signum > 0 else { return nil }
        return number.truncatedInt64
    }
}

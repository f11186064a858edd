import Expressions
import Store

/// Each item belongs to a table, stands under its own key, and has exactly the entries that follow from it. That
/// there are no others is ``IndexEntryCheck``'s part.
enum ItemCheck {
    static func run(_ snapshot: Snapshot, _ run: CheckRun) throws {
        let tables = try StoredTables(snapshot)
        var current: TableItems?
        try snapshot.scan(.items, from: [], to: nil) { key, value in
            run.count()
            guard let id = StoredTables.id(key) else {
                run.fault("an item has the malformed key \(FaultText.hex(key))")
                return true
            }
            if current?.table.id != id {
                if tables.isGarbage(.items, key) { return true }
                guard let table = tables.tables[id] else {
                    run.fault("item \(FaultText.hex(key)) belongs to no table: there is none with id \(id)")
                    return true
                }
                current = try TableItems(table, snapshot)
            }
            try current?.check(key, value, snapshot, run)
            return true
        }
    }
}

/// The items of one table as they are read.
private struct TableItems {
    let table: Table
    /// Items from here on may not have been indexed for their expiry; nil when all are.
    let expiryCursor: [UInt8]?

    /// Items from there on may lack entries of an index that is being filled.
    let backfillCursors: [UInt32: [UInt8]]

    init(_ table: Table, _ snapshot: Snapshot) throws {
        self.table = table
        expiryCursor = try snapshot.get(.settings, Sweeper.cursorKey(table))
        var cursors: [UInt32: [UInt8]] = [:]
        for index in table.indexes where index.isBackfilling {
            cursors[index.id] = try snapshot.get(.settings, IndexBackfill.cursorKey(index))
        }
        backfillCursors = cursors
    }

    func check(_ key: [UInt8], _ value: [UInt8], _ snapshot: Snapshot, _ run: CheckRun) throws {
        guard let item = try? Item(decoding: value) else {
            return run.fault("item \(FaultText.hex(key)) of table '\(table.name)' cannot be read")
        }
        for attribute in table.keys.all where item[attribute.name]?.type != attribute.type {
            return run.fault(
                "item \(FaultText.hex(key)) of table '\(table.name)' lacks the key attribute '\(attribute.name)'"
            )
        }
        guard KeyEncoding.itemKey(table, item) == key else {
            return run.fault("\(FaultText.name(item, table)) is stored under another item's key")
        }
        for index in table.indexes {
            guard let entry = index.checkedEntryKey(item, itemKey: key) else { continue }
            switch try snapshot.get(.indexEntries, entry) {
            case nil where backfillCursors[index.id].map { !key.lexicographicallyPrecedes($0) } ?? false:
                break
            case nil: run.fault("\(FaultText.name(item, table)) has no entry in index '\(index.name)'")
            case key?: break
            default:
                run.fault(
                    "the entry of \(FaultText.name(item, table)) in index '\(index.name)' refers to another item"
                )
            }
        }
        if let expiry = table.expiry(of: item),
            expiryCursor.map({ key.lexicographicallyPrecedes($0) }) ?? true
        {
            let entry = KeyEncoding.expiryKey(table, seconds: expiry, itemKey: key)
            if try snapshot.get(.indexEntries, entry) == nil {
                run.fault("\(FaultText.name(item, table)) has no entry for its expiry time \(expiry)")
            }
        }
    }
}

extension TableIndex {
    /// The key of an item's entry; nil when the item has none. Unlike ``KeyEncoding`` it bears damaged items.
    func checkedEntryKey(_ item: Item, itemKey: [UInt8]) -> [UInt8]? {
        for attribute in keys.all where item[attribute.name]?.type != attribute.type { return nil }
        return KeyEncoding.entryKey(self, item, itemKey: itemKey)
    }
}

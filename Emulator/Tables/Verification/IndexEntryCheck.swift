import Expressions
import Store

/// Each entry of an index refers to an item that has exactly this entry; so does each entry of the expiry times.
enum IndexEntryCheck {
    static func run(_ snapshot: Snapshot, _ run: CheckRun) throws {
        let tables = try StoredTables(snapshot)
        try snapshot.scan(.indexEntries, from: [], to: nil) { key, value in
            run.count()
            if tables.isGarbage(.indexEntries, key) { return true }
            guard let id = StoredTables.id(key) else {
                run.fault("an index entry has the malformed key \(FaultText.hex(key))")
                return true
            }
            if id == KeyEncoding.expiryID {
                try checkExpiry(key, value, tables, snapshot, run)
            } else if let (index, table) = tables.indexes[id] {
                try check(key, refersTo: value, index, table, snapshot, run)
            } else {
                run.fault(
                    "index entry \(FaultText.hex(key)) belongs to no index: there is none with id \(id)")
            }
            return true
        }
    }

    private static func check(
        _ entry: [UInt8], refersTo key: [UInt8], _ index: TableIndex, _ table: Table, _ snapshot: Snapshot,
        _ run: CheckRun
    ) throws {
        let place = "index '\(index.name)' of table '\(table.name)'"
        guard StoredTables.id(key) == table.id else {
            return run.fault("entry \(FaultText.hex(entry)) of \(place) refers to an item of another table")
        }
        guard let bytes = try snapshot.get(.items, key) else {
            return run.fault("entry \(FaultText.hex(entry)) of \(place) refers to no item")
        }
        // One that cannot be read is ItemCheck's to report.
        guard let item = try? Item(decoding: bytes) else { return }
        if index.checkedEntryKey(item, itemKey: key) != entry {
            run.fault(
                "entry \(FaultText.hex(entry)) of \(place) does not follow from the "
                    + "\(FaultText.name(item, table)) that it refers to")
        }
    }

    private static func checkExpiry(
        _ entry: [UInt8], _ value: [UInt8], _ tables: StoredTables, _ snapshot: Snapshot, _ run: CheckRun
    ) throws {
        guard entry.count > KeyEncoding.expiryKeyLength, value.isEmpty,
            let id = StoredTables.id(entry, at: 4)
        else { return run.fault("expiry entry \(FaultText.hex(entry)) is malformed") }
        guard let table = tables.tables[id], table.timeToLive != nil else {
            return run.fault("expiry entry \(FaultText.hex(entry)) belongs to no table with a time to live")
        }
        let key = Array(entry[KeyEncoding.expiryKeyLength...])
        guard let bytes = try snapshot.get(.items, key) else {
            return run.fault(
                "expiry entry \(FaultText.hex(entry)) of table '\(table.name)' refers to no item")
        }
        guard let item = try? Item(decoding: bytes) else { return }
        let expected = table.expiry(of: item).map { KeyEncoding.expiryKey(table, seconds: $0, itemKey: key) }
        if expected != entry {
            run.fault(
                "an expiry entry does not follow from the \(FaultText.name(item, table)) that it refers to")
        }
    }
}

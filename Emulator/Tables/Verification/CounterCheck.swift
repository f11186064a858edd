import Expressions
import Store

/// The durable counters show what the tables and their indexes hold, and there are no others.
enum CounterCheck {
    static func run(_ snapshot: Snapshot, _ run: CheckRun) throws {
        let tables = try StoredTables(snapshot)
        for table in tables.tables.values.sorted(by: { $0.name < $1.name }) where table.definition.isCounted {
            try check(table, snapshot, run)
        }
        try snapshot.scan(.counters, from: [], to: nil) { key, _ in
            run.count()
            let owner = StoredTables.id(key, at: 3)
            let isKnown = owner.map { tables.tables[$0] != nil || tables.indexes[$0] != nil } ?? false
            if key.count != 8 || !isKnown {
                run.fault("counter \(FaultText.hex(key)) belongs to no table and no index")
            }
            return true
        }
    }

    private static func check(_ table: Table, _ snapshot: Snapshot, _ run: CheckRun) throws {
        var totals = [table.id: TableStatistics()]
        for index in table.indexes { totals[index.id] = TableStatistics() }
        try StoredTables.scan(snapshot, .items, KeyEncoding.prefix(table.id)) { key, value in
            run.count()
            // One that cannot be read is ItemCheck's to report.
            guard let item = try? Item(decoding: value) else { return }
            totals[table.id, default: .init()].add(item)
            for index in table.indexes {
                guard let entry = index.checkedEntryKey(item, itemKey: key) else { continue }
                if index.isBackfilling, try snapshot.get(.indexEntries, entry) == nil { continue }
                totals[index.id, default: .init()].add(index.view(of: item))
            }
        }
        try compare("table '\(table.name)'", table.id, totals, snapshot, run)
        for index in table.indexes {
            try compare("index '\(index.name)' of table '\(table.name)'", index.id, totals, snapshot, run)
        }
    }

    private static func compare(
        _ name: String, _ owner: UInt32, _ totals: [UInt32: TableStatistics], _ snapshot: Snapshot,
        _ run: CheckRun
    ) throws {
        let total = totals[owner] ?? TableStatistics()
        let counted = try TableStatistics.read(owner, snapshot)
        if counted.items != total.items {
            run.fault("the counter of \(name) says \(counted.items) items, but it holds \(total.items)")
        }
        if counted.bytes != total.bytes {
            run.fault("the counter of \(name) says \(counted.bytes) bytes, but it holds \(total.bytes)")
        }
    }
}

/// The change log of each table has no gap, ends where its counter says, and can be read.
enum ChangeLogCheck {
    static func run(_ snapshot: Snapshot, _ run: CheckRun) throws {
        let tables = try StoredTables(snapshot)
        var current: UInt32?
        var last: Int64 = 0
        func name(_ id: UInt32) -> String {
            tables.tables[id].map { "table '\($0.name)'" } ?? "dropped table \(id)"
        }
        func finish() throws {
            guard let id = current, tables.tables[id] != nil else { return }
            let counted = try ChangeLog.last(id, snapshot)
            if counted != last {
                run.fault("the change log of \(name(id)) ends at \(last) instead of \(counted)")
            }
        }
        try snapshot.scan(.changes, from: [], to: nil) { key, value in
            run.count()
            guard key.count == 12, let id = StoredTables.id(key) else {
                run.fault("a change record has the malformed key \(FaultText.hex(key))")
                return true
            }
            let number = ChangeLog.number(ofKey: key)
            if id != current {
                try finish()
            } else if number != last + 1 {
                run.fault("the change log of \(name(id)) has a gap between \(last) and \(number)")
            }
            (current, last) = (id, number)
            guard let record = try? ChangeRecord(decoding: value) else {
                run.fault("change \(number) of \(name(id)) cannot be read")
                return true
            }
            if StoredTables.id(record.key) != id || (record.old == nil && record.new == nil) {
                run.fault("change \(number) of \(name(id)) is not about an item of that table")
            }
            return true
        }
        try finish()
    }
}

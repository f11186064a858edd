import Expressions
import Store

/// The durable counters show what the tables and their indexes hold, and there are no others of theirs.
enum CounterCheck {
    /// Ids of tables and indexes have 32 bits, and 8 more tell what is counted; beyond are other services' counters.
    private static let end: [UInt8] = [0, 0, 1]

    static func run(_ snapshot: Snapshot, _ run: CheckRun) throws {
        let tables = try StoredTables(snapshot)
        for table in tables.tables.values.sorted(by: { $0.name < $1.name }) where table.definition.isCounted {
            try check(table, snapshot, run)
        }
        try snapshot.scan(.counters, from: [], to: end) { key, _ in
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

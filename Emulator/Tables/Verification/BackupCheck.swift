import Expressions
import JSON
import Store

/// Each copy of items belongs to a backup or to a restore under way; complete backups hold what they say.
enum BackupCheck {
    static func run(_ snapshot: Snapshot, _ run: CheckRun) throws {
        let tables = try StoredTables(snapshot)
        let backups = try Dictionary(
            Backup.all(snapshot).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let restores = try Set(TableRestore.all(snapshot).map(\.copy))
        let growing = Set(tables.tables.values.flatMap(\.definition.copies))
        var totals: [UInt32: TableStatistics] = [:]
        try snapshot.scan(.copies, from: [], to: nil) { key, value in
            run.count()
            guard let id = StoredTables.id(key) else {
                run.fault("a copied item has the malformed key \(FaultText.hex(key))")
                return true
            }
            if tables.isGarbage(.copies, key) { return true }
            guard backups[id] != nil || restores.contains(id) else {
                run.fault("copied item \(FaultText.hex(key)) belongs to no backup and to no restore")
                return true
            }
            if value.isEmpty {
                if !growing.contains(id) { run.fault("a complete copy holds the mark \(FaultText.hex(key))") }
            } else if let item = try? Item(decoding: value) {
                totals[id, default: .init()].add(item)
            } else {
                run.fault("copied item \(FaultText.hex(key)) cannot be read")
            }
            return true
        }
        try checkCopies(tables, Set(backups.keys).union(restores), snapshot, run)
        for backup in backups.values.sorted(by: { $0.id < $1.id }) {
            run.count()
            check(backup, totals[backup.id] ?? .init(), isGrowing: growing.contains(backup.id), run)
        }
    }

    /// Tables and the records of what is being made of them agree.
    private static func checkCopies(
        _ tables: StoredTables, _ known: Set<UInt32>, _ snapshot: Snapshot, _ run: CheckRun
    ) throws {
        let restores = try TableRestore.all(snapshot)
        for table in tables.tables.values.sorted(by: { $0.name < $1.name }) {
            run.count()
            for copy in table.definition.copies {
                if !known.contains(copy) {
                    run.fault("table '\(table.name)' is being copied for no backup and no restore")
                }
                if try snapshot.get(.settings, TableCopy.cursorKey(copy)) == nil {
                    run.fault("a copy of table '\(table.name)' has lost its place")
                }
            }
            if table.isRestoring, !restores.contains(where: { $0.id == table.id }) {
                run.fault("table '\(table.name)' waits to be filled, and nobody fills it")
            }
        }
        let growing = Set(tables.tables.values.flatMap(\.definition.copies))
        for restore in restores where restore.phase == .copying && !growing.contains(restore.copy) {
            run.fault("the restore of table '\(restore.table)' waits for a copy that nobody makes")
        }
    }

    private static func check(
        _ backup: Backup, _ total: TableStatistics, isGrowing: Bool, _ run: CheckRun
    ) {
        guard (try? backup.definition()) != nil else {
            return run.fault("the table definition of backup '\(backup.arn)' cannot be read")
        }
        guard backup.isComplete else {
            if !isGrowing { run.fault("backup '\(backup.arn)' is not complete, and nobody completes it") }
            return
        }
        if total.items != backup.statistics.items || total.bytes != backup.statistics.bytes {
            run.fault(
                "backup '\(backup.arn)' says \(backup.statistics.items) items of \(backup.statistics.bytes) "
                    + "bytes, but it holds \(total.items) of \(total.bytes)")
        }
    }
}

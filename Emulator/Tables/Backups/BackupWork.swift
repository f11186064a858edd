import Store

/// Makes the copies that backups and recoveries wait for.
struct CopyWork: WorkSource {
    static func advance(_ environment: TableEnvironment) async throws -> Bool {
        let busy = environment.catalog.all.first { !$0.definition.copies.isEmpty }
        guard let table = busy, let copy = table.definition.copies.first else { return false }
        let isComplete = try await environment.store.commit { transaction in
            try step(copy, of: table.newest(in: transaction), in: transaction)
        }
        if isComplete { await environment.catalog.readBack(table.name, from: environment.store) }
        return true
    }

    /// One portion, and what follows when it was the last.
    @discardableResult
    static func step(_ copy: UInt32, of table: Table, in transaction: Transaction) throws -> Bool {
        let progress = try TableCopy.advance(copy, of: table, in: transaction)
        if var backup = try Backup.find(copy, transaction) {
            backup.statistics.items += progress.statistics.items
            backup.statistics.bytes += progress.statistics.bytes
            backup.isComplete = progress.isComplete
            backup.write(in: transaction)
        } else if progress.isComplete, var restore = try TableRestore.find(copy: copy, transaction) {
            restore.phase = .undoing
            restore.write(in: transaction)
        }
        return progress.isComplete
    }
}

/// Fills tables that are being restored.
struct RestoreWork: WorkSource {
    static func advance(_ environment: TableEnvironment) async throws -> Bool {
        let waiting = try environment.store.read { try TableRestore.all($0) }.first { $0.phase != .copying }
        guard let restore = waiting else { return false }
        return try await environment.changeDefinition(restore.table) { transaction in
            try restore.advance(in: transaction)
        }
    }
}

import Store

/// Makes the copies that backups and recoveries wait for.
struct CopyWork: WorkSource {
    /// A portion for each table that is being copied. What fails for one does not stop the others.
    static func advance(_ environment: TableEnvironment) async throws -> Bool {
        var hasAdvanced = false
        var failure: (any Error)?
        for table in environment.catalog.all {
            guard let copy = table.definition.copies.first else { continue }
            do {
                try await advance(copy, of: table, environment)
                hasAdvanced = true
            } catch {
                failure = error
            }
        }
        if !hasAdvanced, let failure { throw failure }
        return hasAdvanced
    }

    private static func advance(
        _ copy: UInt32, of table: Table, _ environment: TableEnvironment
    ) async throws {
        do {
            let isOver = try await environment.store.commit { transaction in
                let table = try table.newest(in: transaction)
                // An earlier portion may have been the last, though its commit was reported as failed.
                guard table.definition.copies.contains(copy) else { return true }
                return try step(copy, of: table, in: transaction)
            }
            if isOver { await environment.catalog.readBack(table.name, from: environment.store) }
        } catch {
            await environment.catalog.readBack(table.name, from: environment.store)
            throw error
        }
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
        guard let waiting else { return false }
        let known = environment.catalog.find(waiting.table)
        return try await environment.changeDefinition(waiting.table) { transaction in
            // As it is stored now: a portion may have been done though its commit was reported as failed.
            guard let restore = try TableRestore.find(waiting.id, transaction) else { return true }
            return try restore.advance(known, in: transaction)
        }
    }
}

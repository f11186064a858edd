import AWSProtocol
import Expressions
import JSON
import Store

/// DeleteTable (Amazon DynamoDB API Reference): removes a table with all items and index entries. The answer
/// says DELETING, as AWS's does; by then the table is gone, and its bytes go in the background.
struct DeleteTable: TableOperation {
    let tableName: String?

    init(_ input: InputReader) throws(ValidationError) {
        tableName = try input.tableName()
    }

    func validate(_ environment: TableEnvironment) throws -> Table {
        let table = try NamedTable(tableName).find(environment)
        try Self.checkDeletable(table)
        return table
    }

    /// By the newest definition too: a request that came before may have protected the table.
    private static func checkDeletable(_ table: Table) throws {
        guard !table.indexes.contains(where: \.isBackfilling) else {
            throw TableErrors.inUse(
                "Cannot delete table while indexes are being created, updated, or deleted.")
        }
        guard !table.definition.isProtected else {
            throw TableErrors.validation(
                "Resource cannot be deleted as it is currently protected against deletion. "
                    + "Disable deletion protection first.")
        }
    }

    static func run(_ table: Table, _ environment: TableEnvironment) async throws -> JSONValue {
        let statistics = try environment.store.read { try TableStatistics.readAll(table.definition, $0) }
        try await environment.changeDefinition(table.name) { transaction in
            let table = try newest(table, transaction)
            try checkIdle(table)
            try checkDeletable(table)
            transaction.delete(.settings, Catalog.key(table.name))
            transaction.delete(.settings, Sweeper.cursorKey(table))
            TableTags.delete(table, in: transaction)
            try ResourcePolicy.deleteAll(table, in: transaction)
            try GarbageCollection.drop(.items, prefix: KeyEncoding.prefix(table.id), in: transaction)
            var definition = table.definition
            try StreamSwitch.turnOff(&definition, in: transaction)
            try TableCounter.reset(table.id, in: transaction)
            for index in table.indexes {
                try GarbageCollection.drop(
                    .indexEntries, prefix: KeyEncoding.prefix(index.id), in: transaction)
                try TableCounter.reset(index.id, in: transaction)
            }
            try GarbageCollection.drop(
                .indexEntries, prefix: KeyEncoding.expiryPrefix(table), in: transaction)
            table.life.change(to: nil)
        } landed: { _ in
            environment.catalog.remove(table)
        }
        environment.work.wake(environment)
        return ["TableDescription": environment.description(of: table.definition, statistics).last]
    }

    /// A table that is being made or copied cannot be deleted.
    private static func checkIdle(_ table: Table) throws {
        let what =
            table.isRestoring
            ? "Table is being created" : table.definition.copies.isEmpty ? nil : "Table is being backed up"
        if let what { throw TableErrors.inUse("\(what): \(table.name)") }
    }

    private static func newest(_ table: Table, _ transaction: Transaction) throws -> Table {
        do { return try table.newest(in: transaction) } catch is AWSError {
            throw TableErrors.tableNotFound(table.name)
        }
    }
}

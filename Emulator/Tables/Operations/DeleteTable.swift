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
        guard !table.definition.isProtected else {
            throw TableErrors.validation(
                "Resource cannot be deleted as it is currently protected against deletion. "
                    + "Disable deletion protection first.")
        }
        return table
    }

    static func run(_ table: Table, _ environment: TableEnvironment) async throws -> JSONValue {
        let statistics = try environment.store.read { try TableStatistics.read(table.id, $0) }
        try await environment.changeDefinition(table.name) { transaction in
            let table = try newest(table, transaction)
            try checkIdle(table)
            transaction.delete(.settings, Catalog.key(table.name))
            transaction.delete(.settings, Sweeper.cursorKey(table))
            try GarbageCollection.drop(.items, prefix: KeyEncoding.prefix(table.id), in: transaction)
            try TableCounter.reset(table.id, in: transaction)
            for index in table.indexes {
                try GarbageCollection.drop(
                    .indexEntries, prefix: KeyEncoding.prefix(index.id), in: transaction)
                try TableCounter.reset(index.id, in: transaction)
            }
            let expiries = KeyEncoding.prefix(KeyEncoding.expiryID) + KeyEncoding.prefix(table.id)
            try GarbageCollection.drop(.indexEntries, prefix: expiries, in: transaction)
            table.life.change(to: nil)
        } landed: { _ in
            environment.catalog.remove(table)
        }
        environment.work.wake(environment)
        return ["TableDescription": table.definition.lastDescription(at: environment.location, statistics)]
    }

    /// A table that is being made or copied cannot be deleted.
    private static func checkIdle(_ table: Table) throws {
        let what =
            table.isRestoring
            ? "Table is being created" : table.definition.copies.isEmpty ? nil : "Table is being backed up"
        guard let what else { return }
        throw AWSError(
            code: "ResourceInUseException",
            message: "Attempt to change a resource which is still in use: \(what): \(table.name)")
    }

    private static func newest(_ table: Table, _ transaction: Transaction) throws -> Table {
        do { return try table.newest(in: transaction) } catch is AWSError {
            throw TableErrors.tableNotFound(table.name)
        }
    }
}

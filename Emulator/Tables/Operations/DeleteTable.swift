import AWSProtocol
import Expressions
import JSON
import Store

/// DeleteTable (Amazon DynamoDB API Reference): removes a table with all items and index entries at once. The
/// answer says DELETING, as AWS's does; by then the table is gone.
struct DeleteTable: TableOperation {
    let tableName: String?

    init(_ input: InputReader) throws(ValidationError) {
        tableName = try input.tableName()
    }

    func validate(_ environment: TableEnvironment) throws -> Table {
        let table = try NamedTable(tableName).find(environment)
        guard !table.isProtected else {
            throw TableErrors.validation(
                "Resource cannot be deleted as it is currently protected against deletion. "
                    + "Disable deletion protection first.")
        }
        return table
    }

    static func run(_ table: Table, _ environment: TableEnvironment) async throws -> JSONValue {
        let statistics = try DescribeTable.count(table, environment.store)
        try await environment.changeDefinition(table.name) { transaction in
            do { try table.checkNotDropped(transaction) } catch is AWSError {
                throw TableErrors.tableNotFound(table.name)
            }
            transaction.delete(.settings, Catalog.key(table.name))
            transaction.delete(.settings, Sweeper.cursorKey(table))
            try drop(.items, KeyEncoding.prefix(table.id), transaction)
            for index in table.indexes {
                try drop(.indexEntries, KeyEncoding.prefix(index.id), transaction)
            }
            try UpdateTimeToLive.dropExpiries(table, transaction)
            table.life.change(.init(isDropped: true, timeToLive: table.timeToLive))
        } landed: { _ in
            environment.catalog.remove(table)
        }
        return [
            "TableDescription": table.description(status: "DELETING", at: environment.location, statistics)
        ]
    }

    private static func drop(_ keyspace: Keyspace, _ prefix: [UInt8], _ transaction: Transaction) throws {
        try transaction.deleteRange(keyspace, from: prefix, to: KeyEncoding.successor(ofPrefix: prefix))
    }
}

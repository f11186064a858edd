import AWSProtocol
import Expressions
import JSON
import Store

/// CreateBackup (Amazon DynamoDB API Reference): keeps what a table holds now. The answer says CREATING, as AWS's
/// does; a small table's backup is complete by then.
struct CreateBackup: TableOperation {
    struct Plan: Sendable {
        let table: Table
        let name: String
    }

    let tableName: String?
    let backupName: String?

    init(_ input: InputReader) throws(ValidationError) {
        tableName = try input.tableName()
        backupName = try input.string("BackupName")
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.name(tableName, at: "tableName")
        constraints.name(backupName, at: "backupName")
        try constraints.check()
        return Plan(table: try environment.backedUpTable(tableName ?? ""), name: backupName ?? "")
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        let location = environment.location
        let suffix = String(environment.random() >> 32 | 1 << 32, radix: 16).dropFirst()
        let backup = try await environment.changeDefinition(plan.table.name) { transaction in
            let table = try newest(plan.table, in: transaction)
            let now = transaction.now
            let number = String(now.milliseconds)
            let id = try Catalog.takeIDs(1, in: transaction).lowerBound
            let backup = Backup(
                id: id,
                arn: location.arn(table.name) + "/backup/"
                    + String(repeating: "0", count: max(0, 14 - number.utf8.count)) + "\(number)-\(suffix)",
                name: plan.name, created: now, table: table.definition.stored)
            backup.write(in: transaction)
            TableCopy.begin(id, of: table, in: transaction)
            // Most tables here are small; theirs is made in this very commit.
            try CopyWork.step(id, of: table.newest(in: transaction), in: transaction)
            return backup
        }
        environment.work.wake(environment)
        return ["BackupDetails": backup.details(status: "CREATING")]
    }

    static func newest(_ table: Table, in transaction: Transaction) throws -> Table {
        do { return try table.newest(in: transaction) } catch is AWSError {
            throw TableErrors.backedUpTableNotFound(table.name)
        }
    }
}

extension TableEnvironment {
    /// For operations on backups.
    /// - Throws: `TableNotFoundException`, or `TableInUseException` while the table is being restored.
    func backedUpTable(_ name: String) throws -> Table {
        guard let table = catalog.find(name) else { throw TableErrors.backedUpTableNotFound(name) }
        guard !table.isRestoring else {
            throw AWSError(code: "TableInUseException", message: "Table is being created: \(name)")
        }
        return table
    }
}

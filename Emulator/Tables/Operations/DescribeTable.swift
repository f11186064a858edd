import Expressions
import JSON
import Store

/// DescribeTable (Amazon DynamoDB API Reference).
struct DescribeTable: TableOperation {
    /// Items counted for one answer. AWS's own figures are hours old; a table beyond this size shows a lower
    /// bound instead of making its callers wait for a full scan.
    static let maximumCounted = 50_000

    let tableName: String?

    init(_ input: InputReader) throws(ValidationError) {
        tableName = try input.tableName()
    }

    func validate(_ environment: TableEnvironment) throws -> Table {
        try NamedTable(tableName).find(environment)
    }

    static func run(_ table: Table, _ environment: TableEnvironment) async throws -> JSONValue {
        let statistics = try count(table, environment.store)
        return ["Table": table.description(status: "ACTIVE", at: environment.location, statistics)]
    }

    static func count(_ table: Table, _ store: Store) throws -> TableStatistics {
        var statistics = TableStatistics()
        let prefix = KeyEncoding.prefix(table.id)
        try store.read { snapshot in
            try snapshot.scan(
                .items, from: prefix, to: KeyEncoding.successor(ofPrefix: prefix), reverse: false
            ) { _, value in
                statistics.items += 1
                statistics.bytes += try Item(decoding: value).itemSize
                return statistics.items < maximumCounted
            }
        }
        return statistics
    }
}

/// The `TableName` parameter of operations on tables.
struct NamedTable {
    let name: String?

    init(_ name: String?) { self.name = name }

    /// - Throws: when the name breaks a rule, or when there is no such table.
    func find(_ environment: TableEnvironment) throws -> Table {
        var constraints = Constraints()
        constraints.name(name, at: "tableName")
        try constraints.check()
        guard let table = environment.catalog.find(name ?? "") else {
            throw TableErrors.tableNotFound(name ?? "")
        }
        return table
    }
}

import Expressions
import JSON
import Store

/// DescribeTable (Amazon DynamoDB API Reference).
struct DescribeTable: TableOperation {
    let tableName: String?

    init(_ input: InputReader) throws(ValidationError) {
        tableName = try input.tableName()
    }

    func validate(_ environment: TableEnvironment) throws -> Table {
        try NamedTable(tableName).find(environment)
    }

    static func run(_ table: Table, _ environment: TableEnvironment) async throws -> JSONValue {
        let statistics = try environment.store.read { try TableStatistics.readAll(table.definition, $0) }
        return ["Table": environment.description(of: table.definition, statistics).json]
    }
}

extension TableEnvironment {
    func description(
        of definition: TableDefinition, _ statistics: [UInt32: TableStatistics] = [:]
    ) -> TableDescription {
        TableDescription(definition: definition, location: location, now: clock.now, statistics: statistics)
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

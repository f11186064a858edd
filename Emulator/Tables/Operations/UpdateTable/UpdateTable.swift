import AWSProtocol
import Expressions
import JSON
import Store

/// UpdateTable (Amazon DynamoDB API Reference). All but the filling of a new index is done when it answers; the
/// answer itself shows the change under way, as AWS's does.
struct UpdateTable: TableOperation {
    static let oneOnlineIndex =
        "Only 1 online index can be created or deleted simultaneously per table"

    struct Plan: Sendable {
        let table: Table
        let input: UpdateTableInput
    }

    let input: UpdateTableInput

    init(_ input: InputReader) throws(ValidationError) {
        self.input = try UpdateTableInput(input)
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        try input.check()
        guard let table = environment.catalog.find(input.name ?? "") else {
            throw TableErrors.tableNotFound(input.name ?? "")
        }
        return Plan(table: table, input: input)
    }

    /// Everything about the table is checked inside the commit: two requests may come at once.
    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        let answer = try await environment.changeDefinition(plan.table.name) { transaction in
            let table = try newest(plan.table, transaction)
            if table.isRestoring { throw TableErrors.inUse("Table is being created: \(table.name)") }
            var change = TableChange(table.definition, plan.input, environment)
            try change.apply(in: transaction)
            let definition = change.definition
            Catalog.write(table.with { $0 = definition }, in: transaction)
            var answer = change.answer
            answer.statistics = try TableStatistics.readAll(answer.definition, transaction)
            return answer
        }
        environment.work.wake(environment)
        return ["TableDescription": answer.json]
    }

    private static func newest(_ table: Table, _ transaction: Transaction) throws -> Table {
        do { return try table.newest(in: transaction) } catch is AWSError {
            throw TableErrors.tableNotFound(table.name)
        }
    }
}

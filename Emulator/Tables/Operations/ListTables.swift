import Expressions
import JSON

/// ListTables (Amazon DynamoDB API Reference): names in order, page by page.
struct ListTables: TableOperation {
    static let maximumPage = 100

    struct Plan: Sendable {
        let after: String?
        let limit: Int
    }

    let start: String?
    let limit: Int?

    init(_ input: InputReader) throws(ValidationError) {
        start = try input.string("ExclusiveStartTableName")
        limit = try input.integer("Limit")
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.name(start, at: "exclusiveStartTableName", required: false)
        constraints.range(limit, at: "limit", from: 1, to: Self.maximumPage)
        try constraints.check()
        return Plan(after: start, limit: limit ?? Self.maximumPage)
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        let rest = environment.catalog.names.filter { name in
            plan.after.map { UTF8Order.compare(name, $0) > 0 } ?? true
        }
        var object = JSONObject()
        object.append("TableNames", .array(rest.prefix(plan.limit).map { .string($0) }))
        if rest.count > plan.limit {
            object.append("LastEvaluatedTableName", .string(rest[plan.limit - 1]))
        }
        return .object(object)
    }
}

import Expressions
import JSON

/// UntagResource (Amazon DynamoDB API Reference): removes tags of a table. Keys that it does not have are no
/// error.
struct UntagResource: TableOperation {
    struct Plan: Sendable {
        let table: Table
        let keys: [String]
    }

    let resource: String?
    let keys: [String]?

    init(_ input: InputReader) throws(ValidationError) {
        resource = try input.string("ResourceArn")
        keys = try input.strings("TagKeys")
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.resource(resource)
        constraints.notNull(keys != nil, at: "tagKeys")
        try constraints.check()
        let keys = keys ?? []
        guard !keys.isEmpty else {
            throw TableErrors.validation("Atleast one Tag Key needs to be provided as Input.")
        }
        guard keys.count <= TableTags.maximum else { throw TagInput.tooMany }
        for key in keys { try TagInput.check(key: key) }
        let table = try environment.taggedTable(resource ?? "", operation: "UntagResource")
        return Plan(table: table, keys: keys)
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        try await environment.store.commit { transaction in
            let table = try plan.table.newest(in: transaction)
            var tags = try TableTags.read(table, transaction)
            tags.remove(plan.keys)
            tags.write(table, in: transaction)
        }
        return .object(JSONObject())
    }
}

import Expressions
import JSON

/// TagResource (Amazon DynamoDB API Reference): adds tags to a table, or gives them new values.
struct TagResource: TableOperation {
    struct Plan: Sendable {
        let table: Table
        let tags: [TagInput]
    }

    let resource: String?
    let tags: [TagInput]?

    init(_ input: InputReader) throws(ValidationError) {
        resource = try input.string("ResourceArn")
        tags = try TagInput.list(input)
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.resource(resource)
        constraints.notNull(tags != nil, at: "tags")
        try constraints.check()
        let tags = tags ?? []
        guard !tags.isEmpty else {
            throw TableErrors.validation("Atleast one Tag needs to be provided as Input.")
        }
        try TagInput.check(tags)
        let table = try environment.taggedTable(resource ?? "", operation: "TagResource")
        return Plan(table: table, tags: tags)
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        try await environment.store.commit { transaction in
            let table = try plan.table.newest(in: transaction)
            var tags = try TableTags.read(table, transaction)
            try tags.add(plan.tags)
            tags.write(table, in: transaction)
        }
        return .object(JSONObject())
    }
}

extension Constraints {
    mutating func resource(_ arn: String?) {
        notNull(arn != nil, at: "resourceArn")
        length(arn, at: "resourceArn", from: 1, to: 1283)
    }
}

extension TableEnvironment {
    /// The table that an operation on tags names.
    func taggedTable(_ resource: String, operation: String) throws -> Table {
        let arn = try ResourceARN(resource, for: .tags(operation: operation), at: location)
        guard arn.stream == nil, let table = catalog.find(arn.table) else {
            throw TableErrors.resourceNotFound("ResourceArn: \(resource) not found")
        }
        return table
    }
}

import Expressions
import JSON

/// ListTagsOfResource (Amazon DynamoDB API Reference). A table has no more tags than one page holds, so there is
/// never a `NextToken`.
struct ListTagsOfResource: TableOperation {
    let resource: String?
    let token: String?

    init(_ input: InputReader) throws(ValidationError) {
        resource = try input.string("ResourceArn")
        token = try input.string("NextToken")
    }

    func validate(_ environment: TableEnvironment) throws -> Table {
        var constraints = Constraints()
        constraints.resource(resource)
        try constraints.check()
        let table = try environment.taggedTable(resource ?? "", operation: "ListTagsOfResource")
        guard token == nil else { throw TableErrors.invalidParameter("Invalid NextToken") }
        return table
    }

    static func run(_ table: Table, _ environment: TableEnvironment) async throws -> JSONValue {
        ["Tags": try environment.store.read { try TableTags.read(table, $0) }.json]
    }
}

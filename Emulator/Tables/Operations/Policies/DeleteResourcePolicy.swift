import Expressions
import JSON

/// DeleteResourcePolicy (Amazon DynamoDB API Reference). That there is no policy is no error, unless a revision
/// is expected.
struct DeleteResourcePolicy: TableOperation {
    let resource: String?
    let expected: String?

    init(_ input: InputReader) throws(ValidationError) {
        resource = try input.string("ResourceArn")
        expected = try input.string("ExpectedRevisionId")
    }

    func validate(_ environment: TableEnvironment) throws -> PolicyTarget {
        var constraints = Constraints()
        constraints.resource(resource)
        constraints.length(expected, at: "expectedRevisionId", from: 1, to: 255)
        try constraints.check()
        return try PolicyTarget(resource, expected: expected, environment)
    }

    static func run(_ target: PolicyTarget, _ environment: TableEnvironment) async throws -> JSONValue {
        let deleted = try await environment.store.commit { transaction in
            let table = try target.table.newest(in: transaction)
            let old = try target.read(transaction)
            try target.check(old)
            ResourcePolicy.delete(table, stream: target.arn.stream, in: transaction)
            return old
        }
        var object = JSONObject()
        if let deleted { object.append("RevisionId", .string(deleted.revision)) }
        return .object(object)
    }
}

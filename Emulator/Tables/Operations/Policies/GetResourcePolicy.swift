import Expressions
import JSON

/// GetResourcePolicy (Amazon DynamoDB API Reference).
struct GetResourcePolicy: TableOperation {
    let resource: String?

    init(_ input: InputReader) throws(ValidationError) {
        resource = try input.string("ResourceArn")
    }

    func validate(_ environment: TableEnvironment) throws -> PolicyTarget {
        var constraints = Constraints()
        constraints.resource(resource)
        try constraints.check()
        return try PolicyTarget(resource, expected: nil, environment)
    }

    static func run(_ target: PolicyTarget, _ environment: TableEnvironment) async throws -> JSONValue {
        guard let policy = try environment.store.read({ try target.read($0) }) else {
            throw PolicyTarget.notFound(target.arn.text)
        }
        return ["Policy": .string(policy.text), "RevisionId": .string(policy.revision)]
    }
}

import Expressions
import JSON

/// PutResourcePolicy (Amazon DynamoDB API Reference): gives a table or a stream a policy.
struct PutResourcePolicy: TableOperation {
    struct Plan: Sendable {
        let target: PolicyTarget
        let text: String
    }

    let resource: String?
    let text: String?
    let expected: String?

    init(_ input: InputReader) throws(ValidationError) {
        resource = try input.string("ResourceArn")
        text = try input.string("Policy")
        expected = try input.string("ExpectedRevisionId")
        _ = try input.bool("ConfirmRemoveSelfResourceAccess")
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.resource(resource)
        constraints.notNull(text != nil, at: "policy")
        constraints.length(expected, at: "expectedRevisionId", from: 1, to: 255)
        try constraints.check()
        try ResourcePolicy.check(text ?? "")
        let target = try PolicyTarget(resource, expected: expected, environment)
        return Plan(target: target, text: text ?? "")
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        let policy = try await environment.store.commit { transaction in
            let table = try plan.target.table.newest(in: transaction)
            let old = try plan.target.read(transaction)
            try plan.target.check(old)
            let new = ResourcePolicy.next(old, plan.text, at: transaction.now)
            new.write(table, stream: plan.target.arn.stream, in: transaction)
            return new
        }
        return ["RevisionId": .string(policy.revision)]
    }
}

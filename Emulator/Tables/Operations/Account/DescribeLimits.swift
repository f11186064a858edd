import Expressions
import JSON

/// DescribeLimits (Amazon DynamoDB API Reference): the quotas of a new account. Nothing is throttled locally.
struct DescribeLimits: TableOperation {
    init(_ input: InputReader) throws(ValidationError) {}

    func validate(_ environment: TableEnvironment) throws {}

    static func run(_ plan: Void, _ environment: TableEnvironment) async throws -> JSONValue {
        [
            "AccountMaxReadCapacityUnits": 80_000, "AccountMaxWriteCapacityUnits": 80_000,
            "TableMaxReadCapacityUnits": 40_000, "TableMaxWriteCapacityUnits": 40_000,
        ]
    }
}

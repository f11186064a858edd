import Expressions
import JSON

/// DescribeEndpoints (Amazon DynamoDB API Reference): the address that AWS gives. Client libraries ask only when
/// no endpoint is configured.
struct DescribeEndpoints: TableOperation {
    init(_ input: InputReader) throws(ValidationError) {}

    func validate(_ environment: TableEnvironment) throws {}

    static func run(_ plan: Void, _ environment: TableEnvironment) async throws -> JSONValue {
        [
            "Endpoints": [
                [
                    "Address": .string("dynamodb.\(environment.location.region).amazonaws.com"),
                    "CachePeriodInMinutes": 1_440,
                ]
            ]
        ]
    }
}

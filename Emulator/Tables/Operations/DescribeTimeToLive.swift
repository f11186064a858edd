import Expressions
import JSON

/// DescribeTimeToLive (Amazon DynamoDB API Reference).
struct DescribeTimeToLive: TableOperation {
    let tableName: String?

    init(_ input: InputReader) throws(ValidationError) {
        tableName = try input.tableName()
    }

    func validate(_ environment: TableEnvironment) throws -> Table {
        try NamedTable(tableName).find(environment)
    }

    static func run(_ table: Table, _ environment: TableEnvironment) async throws -> JSONValue {
        var description = JSONObject()
        if let attribute = table.timeToLive {
            description.append("AttributeName", .string(attribute))
            description.append("TimeToLiveStatus", "ENABLED")
        } else {
            description.append("TimeToLiveStatus", "DISABLED")
        }
        return ["TimeToLiveDescription": .object(description)]
    }
}

import AWSProtocol
import Expressions
import JSON

// Operations that ask about features which this emulator does not have. Their truthful answer is AWS's for an
// account that has never used the feature: an empty list, or that there is no such thing. What would make such a
// thing is refused by ``UnsupportedOperations``.

/// ListGlobalTables (Amazon DynamoDB API Reference).
struct ListGlobalTables: TableOperation {
    let start: String?
    let limit: Int?

    init(_ input: InputReader) throws(ValidationError) {
        start = try input.string("ExclusiveStartGlobalTableName")
        limit = try input.integer("Limit")
    }

    func validate(_ environment: TableEnvironment) throws {
        var constraints = Constraints()
        constraints.name(start, at: "exclusiveStartGlobalTableName", required: false)
        constraints.range(limit, at: "limit", from: 1)
        try constraints.check()
    }

    static func run(_ plan: Void, _ environment: TableEnvironment) async throws -> JSONValue {
        ["GlobalTables": []]
    }
}

/// DescribeGlobalTable and DescribeGlobalTableSettings (Amazon DynamoDB API Reference).
struct DescribeGlobalTable: TableOperation {
    let name: String?

    init(_ input: InputReader) throws(ValidationError) { name = try input.string("GlobalTableName") }

    func validate(_ environment: TableEnvironment) throws {
        var constraints = Constraints()
        constraints.name(name, at: "globalTableName")
        try constraints.check()
        throw AWSError(
            code: "GlobalTableNotFoundException",
            message: "Global table not found: Global table with name: '\(name ?? "")' does not exist.")
    }

    static func run(_ plan: Void, _ environment: TableEnvironment) async throws -> JSONValue { [:] }
}

/// ListExports (Amazon DynamoDB API Reference).
struct ListExports: TableOperation {
    let limit: Int?

    init(_ input: InputReader) throws(ValidationError) { limit = try input.integer("MaxResults") }

    func validate(_ environment: TableEnvironment) throws {
        var constraints = Constraints()
        constraints.range(limit, at: "maxResults", from: 1, to: 25)
        try constraints.check()
    }

    static func run(_ plan: Void, _ environment: TableEnvironment) async throws -> JSONValue {
        ["ExportSummaries": []]
    }
}

/// DescribeExport (Amazon DynamoDB API Reference).
struct DescribeExport: TableOperation {
    let arn: String?

    init(_ input: InputReader) throws(ValidationError) { arn = try input.string("ExportArn") }

    func validate(_ environment: TableEnvironment) throws {
        var constraints = Constraints()
        constraints.notNull(arn != nil, at: "exportArn")
        constraints.length(arn, at: "exportArn", from: 37, to: 1_024)
        try constraints.check()
        throw AWSError(code: "ExportNotFoundException", message: "Export not found: \(arn ?? "")")
    }

    static func run(_ plan: Void, _ environment: TableEnvironment) async throws -> JSONValue { [:] }
}

/// ListImports (Amazon DynamoDB API Reference).
struct ListImports: TableOperation {
    let limit: Int?

    init(_ input: InputReader) throws(ValidationError) { limit = try input.integer("PageSize") }

    func validate(_ environment: TableEnvironment) throws {
        var constraints = Constraints()
        constraints.range(limit, at: "pageSize", from: 1, to: 25)
        try constraints.check()
    }

    static func run(_ plan: Void, _ environment: TableEnvironment) async throws -> JSONValue {
        ["ImportSummaryList": []]
    }
}

/// DescribeImport (Amazon DynamoDB API Reference).
struct DescribeImport: TableOperation {
    let arn: String?

    init(_ input: InputReader) throws(ValidationError) { arn = try input.string("ImportArn") }

    func validate(_ environment: TableEnvironment) throws {
        var constraints = Constraints()
        constraints.notNull(arn != nil, at: "importArn")
        constraints.length(arn, at: "importArn", from: 37, to: 1_024)
        try constraints.check()
        throw AWSError(code: "ImportNotFoundException", message: "Import not found: \(arn ?? "")")
    }

    static func run(_ plan: Void, _ environment: TableEnvironment) async throws -> JSONValue { [:] }
}

/// DescribeKinesisStreamingDestination (Amazon DynamoDB API Reference).
struct DescribeKinesisStreamingDestination: TableOperation {
    let tableName: String?

    init(_ input: InputReader) throws(ValidationError) { tableName = try input.tableName() }

    func validate(_ environment: TableEnvironment) throws -> Table {
        try NamedTable(tableName).find(environment)
    }

    static func run(_ table: Table, _ environment: TableEnvironment) async throws -> JSONValue {
        ["TableName": .string(table.name), "KinesisDataStreamDestinations": []]
    }
}

/// DescribeContributorInsights (Amazon DynamoDB API Reference).
struct DescribeContributorInsights: TableOperation {
    struct Plan: Sendable {
        let table: Table
        let index: String?
    }

    let tableName: String?
    let indexName: String?

    init(_ input: InputReader) throws(ValidationError) {
        tableName = try input.tableName()
        indexName = try input.string("IndexName")
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        let table = try NamedTable(tableName).find(environment)
        if let indexName, table.index(indexName)?.kind != .global {
            throw AWSError(
                code: "ResourceNotFoundException",
                message: "Requested resource not found: Index: \(indexName) not found")
        }
        return Plan(table: table, index: indexName)
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        var object = JSONObject()
        object.append("TableName", .string(plan.table.name))
        if let index = plan.index { object.append("IndexName", .string(index)) }
        object.append("ContributorInsightsStatus", "DISABLED")
        return .object(object)
    }
}

/// ListContributorInsights (Amazon DynamoDB API Reference).
struct ListContributorInsights: TableOperation {
    let limit: Int?

    init(_ input: InputReader) throws(ValidationError) { limit = try input.integer("MaxResults") }

    func validate(_ environment: TableEnvironment) throws {
        var constraints = Constraints()
        constraints.range(limit, at: "maxResults", from: Int.min, to: 100)
        try constraints.check()
    }

    static func run(_ plan: Void, _ environment: TableEnvironment) async throws -> JSONValue {
        ["ContributorInsightsSummaries": []]
    }
}

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

/// The answer of an operation that lists what there is none of.
protocol AbsentList: Sendable {
    /// The member that holds the list.
    static var member: String { get }
    /// The parameter that bounds a page, and its range.
    static var limit: (parameter: String, least: Int, most: Int) { get }
}

/// ListExports, ListImports and ListContributorInsights (Amazon DynamoDB API Reference).
struct EmptyList<Kind: AbsentList>: TableOperation {
    let limit: Int?

    init(_ input: InputReader) throws(ValidationError) { limit = try input.integer(Kind.limit.parameter) }

    func validate(_ environment: TableEnvironment) throws {
        let (parameter, least, most) = Kind.limit
        let path = parameter.prefix(1).lowercased() + parameter.dropFirst()
        var constraints = Constraints()
        constraints.range(limit, at: path, from: least, to: most)
        try constraints.check()
    }

    static func run(_ plan: Void, _ environment: TableEnvironment) async throws -> JSONValue {
        .object(JSONObject([(Kind.member, .array([]))]))
    }
}

enum Exports: AbsentList, AbsentTask {
    static let member = "ExportSummaries"
    static let limit = (parameter: "MaxResults", least: 1, most: 25)
    static let name = "Export"
}

enum Imports: AbsentList, AbsentTask {
    static let member = "ImportSummaryList"
    static let limit = (parameter: "PageSize", least: 1, most: 25)
    static let name = "Import"
}

enum ContributorInsights: AbsentList {
    static let member = "ContributorInsightsSummaries"
    /// The service model names no least.
    static let limit = (parameter: "MaxResults", least: Int.min, most: 100)
}

/// A task of the service that was never started.
protocol AbsentTask: Sendable {
    static var name: String { get }
}

/// DescribeExport and DescribeImport (Amazon DynamoDB API Reference).
struct DescribeAbsent<Kind: AbsentTask>: TableOperation {
    let arn: String?

    init(_ input: InputReader) throws(ValidationError) { arn = try input.string("\(Kind.name)Arn") }

    func validate(_ environment: TableEnvironment) throws {
        let path = "\(Kind.name.lowercased())Arn"
        var constraints = Constraints()
        constraints.notNull(arn != nil, at: path)
        constraints.length(arn, at: path, from: 37, to: 1_024)
        try constraints.check()
        throw AWSError(code: "\(Kind.name)NotFoundException", message: "\(Kind.name) not found: \(arn ?? "")")
    }

    static func run(_ plan: Void, _ environment: TableEnvironment) async throws -> JSONValue { [:] }
}

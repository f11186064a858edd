import Expressions
import JSON
import Store

/// ListStreams (Amazon DynamoDB Streams API Reference): the streams of one table or of all, page by page. Those
/// that have been turned off are listed as long as they can be read.
struct ListStreams: TableOperation {
    static let maximumPage = 100

    struct Plan: Sendable {
        let table: String?
        let after: StreamARN?
        let limit: Int
    }

    let table: String?
    let start: String?
    let limit: Int?

    init(_ input: InputReader) throws(ValidationError) {
        table = try input.tableName()
        start = try input.string("ExclusiveStartStreamArn")
        limit = try input.integer("Limit")
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.streamARN(start, at: "exclusiveStartStreamArn", required: false)
        constraints.range(limit, at: "limit", from: 1, to: Self.maximumPage)
        constraints.name(table, at: "tableName", required: false)
        try constraints.check()
        return Plan(
            table: table, after: try start.map { try StreamARN($0, at: environment.location) },
            limit: limit ?? Self.maximumPage)
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        let now = environment.clock.now
        let prefix = plan.table.map { ChangeStream.key($0, "") } ?? ChangeStream.keyPrefix
        let start = plan.after.map { ChangeStream.key($0.table, $0.label) + [0] } ?? []
        var found: [ChangeStream] = []
        try environment.store.read { snapshot in
            let from = start.lexicographicallyPrecedes(prefix) ? prefix : start
            try snapshot.scan(.settings, from: from, to: KeyEncoding.successor(ofPrefix: prefix)) {
                let stream = try ChangeStream(key: $0, stored: $1)
                if !stream.isForgotten(at: now) { found.append(stream) }
                return found.count <= plan.limit
            }
        }
        var object = JSONObject()
        object.append(
            "Streams",
            .array(
                found.prefix(plan.limit).map { stream in
                    [
                        "StreamArn": .string(stream.arn(at: environment.location)),
                        "TableName": .string(stream.table), "StreamLabel": .string(stream.label),
                    ]
                }))
        if found.count > plan.limit {
            object.append(
                "LastEvaluatedStreamArn", .string(found[plan.limit - 1].arn(at: environment.location)))
        }
        return .object(object)
    }
}

extension Constraints {
    /// Lengths of the model's `StreamArn`.
    mutating func streamARN(_ text: String?, at path: String, required: Bool = true) {
        if required { notNull(text != nil, at: path) }
        length(text, at: path, from: 37, to: 1024)
    }

    /// Lengths of the model's `ShardId`.
    mutating func shardID(_ text: String?, at path: String, required: Bool = true) {
        if required { notNull(text != nil, at: path) }
        length(text, at: path, from: 28, to: 65)
    }
}

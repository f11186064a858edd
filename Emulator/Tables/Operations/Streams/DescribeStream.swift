import Expressions
import JSON
import Store

/// DescribeStream (Amazon DynamoDB Streams API Reference): a stream and its shards, page by page.
struct DescribeStream: TableOperation {
    static let maximumPage = 100

    struct Plan: Sendable {
        let arn: StreamARN
        let limit: Int
        let after: String?
        /// Only the children of this shard are asked for.
        let parent: String?
    }

    let arn: String?
    let limit: Int?
    let start: String?
    let filter: Bool
    let filterType: String?
    let filterShard: String?

    init(_ input: InputReader) throws(ValidationError) {
        arn = try input.string("StreamArn")
        limit = try input.integer("Limit")
        start = try input.string("ExclusiveStartShardId")
        let reader = try input.structure("ShardFilter", "ShardFilter")
        filter = reader != nil
        filterType = try reader?.string("Type")
        filterShard = try reader?.string("ShardId")
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.shardID(start, at: "exclusiveStartShardId", required: false)
        constraints.range(limit, at: "limit", from: 1, to: Self.maximumPage)
        constraints.shardID(filterShard, at: "shardFilter.shardId", required: false)
        constraints.member(filterType, of: ["CHILD_SHARDS"], at: "shardFilter.type")
        constraints.streamARN(arn, at: "streamArn")
        try constraints.check()
        if filter, filterType == nil || filterShard == nil {
            throw TableErrors.invalidParameter("ShardFilter needs both Type and ShardId")
        }
        return Plan(
            arn: try StreamARN(arn ?? "", at: environment.location), limit: limit ?? Self.maximumPage,
            after: start, parent: filterShard)
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        let stream = try environment.store.read { try plan.arn.find(environment, $0) }
        let rest = stream.shards.filter { shard in
            // Ids are in the order of the shards.
            (plan.after.map { UTF8Order.compare(shard.id, $0) > 0 } ?? true)
                && (plan.parent.map { shard.parent == $0 } ?? true)
        }
        var object = JSONObject()
        object.append("StreamArn", .string(stream.arn(at: environment.location)))
        object.append("StreamLabel", .string(stream.label))
        object.append("StreamStatus", stream.closed == nil ? "ENABLED" : "DISABLED")
        object.append("StreamViewType", .string(stream.viewType))
        object.append(
            "CreationRequestDateTime", .number(JSONNumber(Double(stream.created.milliseconds) / 1000)))
        object.append("TableName", .string(stream.table))
        object.append(
            "KeySchema",
            .array(
                stream.hash.map { ["AttributeName": .string($0), "KeyType": "HASH"] }
                    + stream.range.map { ["AttributeName": .string($0), "KeyType": "RANGE"] }))
        object.append("Shards", .array(rest.prefix(plan.limit).map(json)))
        if rest.count > plan.limit {
            object.append("LastEvaluatedShardId", .string(rest[plan.limit - 1].id))
        }
        return ["StreamDescription": .object(object)]
    }

    private static func json(_ shard: ChangeStream.Shard) -> JSONValue {
        var range = JSONObject()
        range.append("StartingSequenceNumber", .string(SequenceNumber.text(shard.first)))
        if let last = shard.last {
            range.append("EndingSequenceNumber", .string(SequenceNumber.text(max(shard.first, last))))
        }
        var object = JSONObject()
        object.append("ShardId", .string(shard.id))
        object.append("SequenceNumberRange", .object(range))
        if let parent = shard.parent { object.append("ParentShardId", .string(parent)) }
        return .object(object)
    }
}

import AWSProtocol
import Clock
import Expressions
import JSON
import Store

/// GetRecords (Amazon DynamoDB Streams API Reference): records from an iterator's place on, and the iterator to
/// go on with.
struct GetRecords: TableOperation {
    static let maximumRecords = 1000
    /// Bytes, by the records' `SizeBytes`.
    static let maximumBytes = 1 << 20
    /// Bytes of images that one answer reads at most: views that show little of large items must not hold up
    /// other requests.
    static let maximumBytesRead = 8 << 20

    struct Plan: Sendable {
        let iterator: ShardIterator
        let limit: Int
    }

    let iterator: String?
    let limit: Int?

    init(_ input: InputReader) throws(ValidationError) {
        iterator = try input.string("ShardIterator")
        limit = try input.integer("Limit")
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.range(limit, at: "limit", from: 1, to: Self.maximumRecords)
        constraints.notNull(iterator != nil, at: "shardIterator")
        constraints.length(iterator, at: "shardIterator", from: 1, to: 2048)
        try constraints.check()
        let key = try environment.store.read { try IteratorKey.read($0) }
        let iterator = try ShardIterator(iterator ?? "", at: environment.location, key: key)
        guard environment.clock.now - iterator.issued < ShardIterator.lifeMilliseconds else {
            throw TableErrors.iteratorExpired
        }
        return Plan(iterator: iterator, limit: limit ?? Self.maximumRecords)
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        try environment.store.read { snapshot in
            let stream = try plan.iterator.stream.find(environment, snapshot)
            let horizon = try LogState.read(stream.tableID, snapshot).horizon
            guard plan.iterator.position > horizon else { throw TableErrors.trimmed }
            guard let shard = stream.shard(first: plan.iterator.shard) else {
                throw TableErrors.shardNotFound
            }

            var next = plan.iterator.position
            let records = try read(stream, shard, from: &next, plan.limit, environment, snapshot)
            var object = JSONObject()
            object.append("Records", .array(records))
            if shard.last.map({ next <= $0 }) ?? true, let key = try IteratorKey.read(snapshot) {
                let iterator = ShardIterator(
                    stream: plan.iterator.stream, shard: shard.first, position: next,
                    issued: environment.clock.now)
                object.append(
                    "NextShardIterator", .string(iterator.text(at: environment.location, key: key)))
            }
            return .object(object)
        }
    }

    /// - Parameter next: number of the first record; afterwards that of the one behind the last.
    private static func read(
        _ stream: ChangeStream, _ shard: ChangeStream.Shard, from next: inout Int64, _ limit: Int,
        _ environment: TableEnvironment, _ snapshot: Snapshot
    ) throws -> [JSONValue] {
        let last = try shard.last ?? ChangeLog.last(stream.tableID, snapshot)
        guard next <= last else { return [] }
        let view = StreamRecordView(stream: stream, region: environment.location.region)
        var (records, bytes, bytesRead, position) = ([JSONValue](), 0, 0, next)
        try ChangeLog.scan(stream.tableID, from: next, snapshot) { number, change in
            guard number <= last else { return false }
            let (json, size) = view.record(number, change)
            guard records.isEmpty || bytes + size <= maximumBytes else { return false }
            records.append(json)
            bytes += size
            bytesRead += (change.old?.itemSize ?? 0) + (change.new?.itemSize ?? 0)
            position = number + 1
            return records.count < limit && bytesRead < maximumBytesRead
        }
        next = position
        return records
    }
}

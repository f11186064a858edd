import AWSProtocol
import Clock
import Expressions
import JSON
import Store

/// GetShardIterator (Amazon DynamoDB Streams API Reference): a place in a shard to read from.
struct GetShardIterator: TableOperation {
    enum Start: Sendable {
        case trimHorizon, latest
        /// At the record of that number, or after it.
        case number(Int64, isAfter: Bool)
        case time(Timestamp)
    }

    struct Plan: Sendable {
        let arn: StreamARN
        let shard: String
        let start: Start
    }

    static let types = [
        "TRIM_HORIZON", "LATEST", "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", "AT_TIMESTAMP",
    ]

    let arn: String?
    let shard: String?
    let type: String?
    let sequenceNumber: String?
    let timestamp: Double?

    init(_ input: InputReader) throws(ValidationError) {
        arn = try input.string("StreamArn")
        shard = try input.string("ShardId")
        type = try input.string("ShardIteratorType")
        sequenceNumber = try input.string("SequenceNumber")
        let time = input["Timestamp"]
        guard time == nil || time?.double != nil else {
            throw ValidationError("Unexpected value type in payload", kind: .serialization)
        }
        timestamp = time?.double
    }

    func validate(_ environment: TableEnvironment) throws -> Plan {
        var constraints = Constraints()
        constraints.length(sequenceNumber, at: "sequenceNumber", from: 21, to: 40)
        constraints.shardID(shard, at: "shardId")
        constraints.notNull(type != nil, at: "shardIteratorType")
        constraints.member(type, of: Self.types, at: "shardIteratorType")
        constraints.streamARN(arn, at: "streamArn")
        try constraints.check()
        return Plan(
            arn: try StreamARN(arn ?? "", at: environment.location), shard: shard ?? "", start: try start())
    }

    private func start() throws -> Start {
        if let type, ["TRIM_HORIZON", "LATEST"].contains(type), sequenceNumber != nil {
            throw TableErrors.invalidParameter("SequenceNumber cannot be used with \(type)")
        }
        switch type {
        case "LATEST": return .latest
        case "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER":
            guard let sequenceNumber else {
                throw TableErrors.invalidParameter("SequenceNumber is required for \(type ?? "")")
            }
            guard let number = SequenceNumber.number(sequenceNumber) else {
                throw TableErrors.validation("Invalid SequenceNumber")
            }
            return .number(number, isAfter: type == "AFTER_SEQUENCE_NUMBER")
        case "AT_TIMESTAMP":
            guard let timestamp else {
                throw TableErrors.invalidParameter("Timestamp is required for AT_TIMESTAMP")
            }
            guard let milliseconds = Int64(exactly: (timestamp * 1000).rounded()) else {
                throw TableErrors.validation("Invalid Timestamp")
            }
            return .time(Timestamp(milliseconds: milliseconds))
        default: return .trimHorizon
        }
    }

    static func run(_ plan: Plan, _ environment: TableEnvironment) async throws -> JSONValue {
        try environment.store.read { snapshot in
            let stream = try plan.arn.find(environment, snapshot)
            guard let shard = stream.shard(plan.shard) else { throw TableErrors.shardNotFound }
            let iterator = ShardIterator(
                stream: plan.arn, shard: shard.first,
                position: try position(of: plan.start, shard, of: stream, snapshot),
                issued: environment.clock.now)
            let key = try IteratorKey.read(snapshot) ?? []
            return ["ShardIterator": .string(iterator.text(at: environment.location, key: key))]
        }
    }

    /// Number of the first record to be read.
    private static func position(
        of start: Start, _ shard: ChangeStream.Shard, of stream: ChangeStream, _ source: some Reading
    ) throws -> Int64 {
        let state = try LogState.read(stream.tableID, source)
        let first = max(shard.first, state.horizon + 1)
        let next = try (shard.last ?? ChangeLog.last(stream.tableID, source)) + 1
        switch start {
        case .trimHorizon: return first
        case .latest: return max(first, next)
        case .number(let number, let isAfter):
            let position = isAfter && number < .max ? number + 1 : number
            guard position > state.horizon else { throw TableErrors.trimmed }
            // A description names the first number of a shard that has no record yet.
            guard number >= shard.first, number < max(next, shard.first + 1) else {
                throw TableErrors.validation("Invalid SequenceNumber")
            }
            return max(shard.first, min(position, next))
        case .time(let time):
            return try ChangeLog.first(stream.tableID, from: first, before: next, notBefore: time, source)
        }
    }
}

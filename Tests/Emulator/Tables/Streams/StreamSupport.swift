import Clock
import JSON
import Testing

@testable import Tables

extension Schemas {
    /// The table `hash` with a stream.
    static func streamed(_ viewType: String = "NEW_AND_OLD_IMAGES") -> String {
        hash.dropLast()
            + #","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"\#(viewType)"}}"#
    }
}

/// A stream as tests read it.
struct TestStream {
    let tables: TestTables
    let arn: String

    /// The newest stream of the table.
    init(_ tables: TestTables, _ table: String = "hash") async throws {
        self.tables = tables
        let description = try await tables.call("DescribeTable", #"{"TableName":"\#(table)"}"#)
        arn = try #require(description["Table"]?["LatestStreamArn"]?.string)
    }

    var description: JSONValue {
        get async throws {
            let answer = try await tables.stream("DescribeStream", ["StreamArn": .string(arn)])
            return try #require(answer["StreamDescription"])
        }
    }

    var shards: [JSONValue] { get async throws { try await description["Shards"]?.array ?? [] } }

    /// - Parameter more: further members of GetShardIterator's input.
    func iterator(_ type: String = "TRIM_HORIZON", shard: Int = 0, _ more: JSONObject = JSONObject())
        async throws
        -> String
    {
        var input = more
        input["StreamArn"] = .string(arn)
        input["ShardId"] = try await shards[shard]["ShardId"]
        input["ShardIteratorType"] = .string(type)
        return try #require(try await tables.stream("GetShardIterator", input)["ShardIterator"]?.string)
    }

    /// What GetRecords answers.
    func read(_ iterator: String, limit: Int = 1000) async throws -> JSONValue {
        try await tables.stream(
            "GetRecords", ["ShardIterator": .string(iterator), "Limit": .number(JSONNumber(limit))])
    }

    /// `pk` of all records of all shards.
    var keys: [String] {
        get async throws {
            var found: [String] = []
            for shard in try await shards.indices {
                let answer = try await read(try await iterator(shard: shard))
                found += (answer["Records"]?.array ?? []).compactMap { record in
                    record["dynamodb"]?["Keys"]?["pk"]?["S"]?.string
                }
            }
            return found
        }
    }
}

extension TestTables {
    @discardableResult
    func stream(_ operation: String, _ input: JSONObject) async throws -> JSONValue {
        try await service.performOnStreams(operation, input)
    }

    func streamFault(_ operation: String, _ input: JSONObject) async -> String {
        await Self.fault { () throws in try await self.stream(operation, input) }
    }

    func put(_ key: String, _ table: String = "hash") async throws {
        try await call("PutItem", #"{"TableName":"\#(table)","Item":{"pk":{"S":"\#(key)"}}}"#)
    }

    /// - Parameter viewType: nil turns it off.
    func turnStream(_ viewType: String?, _ name: String = "hash") async throws {
        var specification: JSONObject = ["StreamEnabled": .bool(viewType != nil)]
        if let viewType { specification["StreamViewType"] = .string(viewType) }
        _ = try await service.perform(
            "UpdateTable", ["TableName": .string(name), "StreamSpecification": .object(specification)])
    }

    /// Does all work in the background that has become due.
    func work() async {
        service.environment.work.wake(service.environment)
        await service.environment.work.finish()
    }

    func advance(hours: Int64, minutes: Int64 = 0) {
        clock.advance(milliseconds: (hours * 60 + minutes) * 60_000)
    }

    /// Records left in the change log of a table.
    func logged(_ table: UInt32) throws -> [Int64] {
        var numbers: [Int64] = []
        try store.read { snapshot in
            try ChangeLog.scan(table, from: 0, snapshot) { number, _ in
                numbers.append(number)
                return true
            }
        }
        return numbers
    }
}

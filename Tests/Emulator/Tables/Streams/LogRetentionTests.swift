import Clock
import JSON
import Store
import Testing

@testable import Tables

@Suite struct LogRetentionTests {
    private static func id(_ tables: TestTables) throws -> UInt32 {
        try tables.service.environment.catalog.table("hash").id
    }

    @Test func recordsGoAfterADay() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.streamed())
            let stream = try await TestStream(tables)
            try await tables.put("old")
            tables.advance(hours: 12)
            try await tables.put("young")
            let id = try Self.id(tables)
            tables.clock.advance(milliseconds: 12 * 3_600_000 - 1)
            await tables.work()
            #expect(try tables.logged(id) == [1, 2])
            tables.clock.advance(milliseconds: 1)
            await tables.work()
            #expect(try tables.logged(id) == [2])
            #expect(try await stream.keys == ["young"])
            tables.advance(hours: 12)
            await tables.work()
            #expect(try tables.logged(id) == [])
            // Numbers go on where they were.
            try await tables.put("new")
            #expect(try tables.logged(id) == [3])
            #expect(try await stream.keys == ["new"])
            #expect(try VerificationTests.problems(tables) == [])
        }
    }

    @Test func moreThanAPortionGoes() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.streamed())
            for batch in 0..<50 {
                let requests = (0..<25).map {
                    #"{"PutRequest":{"Item":{"pk":{"S":"\#(batch)-\#($0)"}}}}"#
                }
                try await tables.call(
                    "BatchWriteItem", #"{"RequestItems":{"hash":[\#(requests.joined(separator: ","))]}}"#)
            }
            tables.advance(hours: 24)
            await tables.work()
            #expect(try tables.logged(Self.id(tables)) == [])
            #expect(try VerificationTests.problems(tables) == [])
        }
    }

    /// Point-in-time recovery keeps what the stream does not show any more.
    @Test func recoveryKeepsRecordsLonger() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.streamed())
            let stream = try await TestStream(tables)
            try await tables.service.environment.changeDefinition("hash") { transaction in
                let table = try tables.service.environment.catalog.table("hash").newest(in: transaction)
                Catalog.write(
                    table.with { $0.recovery = RecoverySettings(since: transaction.now, days: 2) },
                    in: transaction)
            }
            try await tables.put("a")
            let number = SequenceNumber.text(1)
            tables.advance(hours: 24)
            await tables.work()
            #expect(try tables.logged(Self.id(tables)) == [1])
            #expect(try await stream.keys == [])
            let input: JSONObject = [
                "StreamArn": .string(stream.arn), "SequenceNumber": .string(number),
                "ShardIteratorType": "AT_SEQUENCE_NUMBER",
                "ShardId": try #require(try await stream.shards.first?["ShardId"]),
            ]
            #expect(
                await tables.streamFault("GetShardIterator", input)
                    == "TrimmedDataAccessException: The data you are trying to access has been trimmed")
            #expect(try VerificationTests.problems(tables) == [])
            tables.advance(hours: 24)
            await tables.work()
            #expect(try tables.logged(Self.id(tables)) == [])
            #expect(try VerificationTests.problems(tables) == [])
        }
    }

    /// A restore takes changes back, from a log whose table may be gone by then.
    @Test(arguments: [true, false]) func aRestoreKeepsTheLog(isDropped: Bool) async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.streamed())
            let id = try Self.id(tables)
            try await tables.put("a")
            let restore = TableRestore(
                table: "target", id: 1_001, copy: 1_000, source: id, until: tables.clock.now, phase: .copying)
            try await tables.store.commit { restore.write(in: $0) }
            if isDropped { try await tables.call("DeleteTable", #"{"TableName":"hash"}"#) }
            tables.advance(hours: 48)
            await tables.work()
            #expect(try tables.logged(id) == [1])
            try await tables.store.commit { restore.forget(in: $0) }
            await tables.work()
            #expect(try tables.logged(id) == [])
        }
    }

    @Test func whatHasBeenTrimmedIsRefused() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.streamed())
            let stream = try await TestStream(tables)
            for key in ["a", "b", "c"] { try await tables.put(key) }
            tables.advance(hours: 23, minutes: 55)
            let beginning = try await stream.iterator()
            let third: JSONObject = ["SequenceNumber": .string(SequenceNumber.text(3))]
            let after = try await stream.iterator("AFTER_SEQUENCE_NUMBER", third)
            tables.advance(hours: 0, minutes: 5)
            await tables.work()
            try await tables.put("d")
            let refusal = "TrimmedDataAccessException: The data you are trying to access has been trimmed"
            #expect(
                await tables.streamFault("GetRecords", ["ShardIterator": .string(beginning)]) == refusal)
            // Its shard was closed meanwhile: there is no more to come, but nothing is lost either.
            let rest = try await stream.read(after)
            #expect(rest["Records"] == .array([]))
            #expect(rest["NextShardIterator"] == nil)
            #expect(try await stream.keys == ["d"])
            for type in ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"] {
                let input: JSONObject = [
                    "StreamArn": .string(stream.arn), "SequenceNumber": .string(SequenceNumber.text(2)),
                    "ShardIteratorType": .string(type),
                    "ShardId": try #require(try await stream.shards.first?["ShardId"]),
                ]
                #expect(await tables.streamFault("GetShardIterator", input) == refusal)
            }
        }
    }

    @Test func iteratorsLiveForAQuarterOfAnHour() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.streamed())
            let stream = try await TestStream(tables)
            let iterator = try await stream.iterator()
            tables.clock.advance(milliseconds: 15 * 60_000 - 1)
            let next = try await stream.read(iterator)["NextShardIterator"]?.string
            tables.clock.advance(milliseconds: 1)
            #expect(
                await tables.streamFault("GetRecords", ["ShardIterator": .string(iterator)])
                    == "ExpiredIteratorException: The provided iterator exceeds the maximum age allowed.")
            #expect(try await stream.read(try #require(next))["Records"] == .array([]))
        }
    }

    @Test func aStreamThatIsOffGoesAfterADay() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.streamed())
            let stream = try await TestStream(tables)
            try await tables.put("a")
            try await tables.turnStream(nil)
            tables.clock.advance(milliseconds: 24 * 3_600_000 - 1)
            #expect(try await stream.keys == ["a"])
            tables.clock.advance(milliseconds: 1)
            // Even before it is removed.
            let fault =
                "ResourceNotFoundException: Requested resource not found: Stream: \(stream.arn) not found"
            let input: JSONObject = ["StreamArn": .string(stream.arn)]
            #expect(await tables.streamFault("DescribeStream", input) == fault)
            #expect(try await tables.stream("ListStreams", JSONObject())["Streams"] == .array([]))
            await tables.work()
            #expect(await tables.streamFault("DescribeStream", input) == fault)
            #expect(try tables.store.read { try ChangeStream.all($0) } == [])
            #expect(try VerificationTests.problems(tables) == [])
        }
    }

    @Test func theLogOfADroppedTableGoesAfterADay() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.streamed())
            let stream = try await TestStream(tables)
            let id = try Self.id(tables)
            for key in ["a", "b"] { try await tables.put(key) }
            try await tables.call("DeleteTable", #"{"TableName":"hash"}"#)
            await tables.work()
            #expect(try await stream.keys == ["a", "b"])
            #expect(try VerificationTests.problems(tables) == [])
            tables.advance(hours: 24)
            await tables.work()
            #expect(try tables.logged(id) == [])
            let left = try tables.store.read { try (LogState.all($0).count, ChangeStream.all($0).count) }
            #expect(left == (0, 0))
            #expect(try VerificationTests.problems(tables) == [])
        }
    }

    /// Nobody can read the log of a dropped table that had no stream.
    @Test func theLogOfADroppedTableWithoutAStreamGoesAtOnce() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            let id = try Self.id(tables)
            try await tables.service.environment.changeDefinition("hash") { transaction in
                let table = try tables.service.environment.catalog.table("hash").newest(in: transaction)
                Catalog.write(
                    table.with { $0.recovery = RecoverySettings(since: transaction.now, days: 35) },
                    in: transaction)
            }
            try await tables.put("a")
            try await tables.call("DeleteTable", #"{"TableName":"hash"}"#)
            await tables.work()
            #expect(try tables.logged(id) == [])
            #expect(try VerificationTests.problems(tables) == [])
        }
    }

    // MARK: shards

    @Test func aShardWithRecordsIsClosedAfterFourHours() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.streamed())
            let stream = try await TestStream(tables)
            tables.advance(hours: 5)
            await tables.work()
            #expect(try await stream.shards.count == 1)
            try await tables.put("a")
            let reading = try await stream.iterator()
            await tables.work()
            try await tables.put("b")
            let shards = try await stream.shards
            #expect(shards.count == 2)
            #expect(shards[1]["ParentShardId"] == shards[0]["ShardId"])
            let end = SequenceNumber.text(1)
            #expect(shards[0]["SequenceNumberRange"]?["EndingSequenceNumber"] == .string(end))
            #expect(shards[1]["SequenceNumberRange"]?["EndingSequenceNumber"] == nil)
            let first = try await stream.read(reading)
            #expect(first["Records"]?.array?.count == 1)
            #expect(first["NextShardIterator"] == nil)
            #expect(try await stream.keys == ["a", "b"])
            let children = try await tables.stream(
                "DescribeStream",
                [
                    "StreamArn": .string(stream.arn),
                    "ShardFilter": ["Type": "CHILD_SHARDS", "ShardId": try #require(shards[0]["ShardId"])],
                ])
            #expect(children["StreamDescription"]?["Shards"] == .array([shards[1]]))
            #expect(try VerificationTests.problems(tables) == [])
        }
    }

    @Test func shardsGoWithTheirRecords() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.streamed())
            let stream = try await TestStream(tables)
            for hour in 0..<40 {
                try await tables.put("\(hour)")
                tables.advance(hours: 1)
                await tables.work()
            }
            let shards = try await stream.shards
            #expect((6...8).contains(shards.count))
            #expect(shards[0]["ParentShardId"] != nil)
            #expect(try await stream.keys == (17..<40).map { "\($0)" })
            let paged = try await tables.stream(
                "DescribeStream", ["StreamArn": .string(stream.arn), "Limit": 2])
            #expect(paged["StreamDescription"]?["LastEvaluatedShardId"] == shards[1]["ShardId"])
            let rest = try await tables.stream(
                "DescribeStream",
                [
                    "StreamArn": .string(stream.arn),
                    "ExclusiveStartShardId": try #require(shards[1]["ShardId"]),
                ])
            #expect(rest["StreamDescription"]?["Shards"]?.array == Array(shards[2...]))
            #expect(try VerificationTests.problems(tables) == [])
        }
    }

    @Test(arguments: [(-1, 0), (0, 0), (1, 1), (59, 1), (60, 1), (61, 2), (1000, 3)])
    func atATimestamp(seconds: Int64, first: Int) async throws {
        try await withTables { tables in
            let start = tables.clock.now
            try await tables.call("CreateTable", Schemas.streamed())
            let stream = try await TestStream(tables)
            for key in ["a", "b", "c"] {
                try await tables.put(key)
                tables.clock.advance(milliseconds: 60_000)
            }
            let time = JSONValue.number(JSONNumber(start.seconds + seconds))
            let iterator = try await stream.iterator("AT_TIMESTAMP", ["Timestamp": time])
            let records = try await stream.read(iterator)["Records"]?.array ?? []
            #expect(
                records.compactMap { $0["dynamodb"]?["Keys"]?["pk"]?["S"]?.string }
                    == Array(["a", "b", "c"].dropFirst(first)))
        }
    }
}

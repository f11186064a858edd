import AWSProtocol
import JSON
import Store
import Testing

@testable import Tables

@Suite struct StreamSwitchTests {
    static func fault(_ tables: TestTables, _ viewType: String?) async -> String {
        await TestTables.fault { () throws in
            try await tables.turnStream(viewType)
            return .null
        }
    }

    @Test func eachStreamSeesItsOwnRecordsOnly() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await tables.put("before")
            try await tables.turnStream("NEW_IMAGE")
            let first = try await TestStream(tables)
            try await tables.put("a")
            try await tables.put("b")
            try await tables.turnStream(nil)
            try await tables.put("between")
            #expect(try await first.keys == ["a", "b"])
            #expect(try await first.description["StreamStatus"] == "DISABLED")
            // In the same millisecond.
            try await tables.turnStream("KEYS_ONLY")
            let second = try await TestStream(tables)
            try await tables.put("c")
            #expect(second.arn != first.arn)
            #expect(try await first.keys == ["a", "b"])
            #expect(try await second.keys == ["c"])
            #expect(try await first.description["StreamViewType"] == "NEW_IMAGE")
            #expect(try await second.description["StreamViewType"] == "KEYS_ONLY")
            let listed = try await tables.stream("ListStreams", ["TableName": "hash"])
            #expect(listed["Streams"]?.array?.count == 2)
            #expect(try VerificationTests.problems(tables) == [])
        }
    }

    @Test func whatATableSaysOfItsStream() async throws {
        try await withTables { tables in
            func table() async throws -> JSONValue {
                try #require(try await tables.call("DescribeTable", #"{"TableName":"hash"}"#)["Table"])
            }
            try await tables.call("CreateTable", Schemas.hash)
            #expect(try await table()["LatestStreamArn"] == nil)
            try await tables.turnStream("OLD_IMAGE")
            let on = try await table()
            try expectJSON(
                try #require(on["StreamSpecification"]),
                #"{"StreamEnabled":true,"StreamViewType":"OLD_IMAGE"}"#)
            #expect(on["LatestStreamLabel"] == "2023-11-14T22:13:20.000")
            try await tables.turnStream(nil)
            let off = try await table()
            #expect(off["StreamSpecification"] == nil)
            #expect(off["LatestStreamArn"] == on["LatestStreamArn"])
            #expect(off["LatestStreamLabel"] == on["LatestStreamLabel"])
            // What is stored says the same.
            let again = try TestTables.service(tables.store, tables.clock)
            #expect(again.environment.catalog.find("hash")?.definition.latestStream != nil)
            #expect(again.environment.catalog.find("hash")?.definition.stream == nil)
        }
    }

    @Test func refusals() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            #expect(
                await Self.fault(tables, nil)
                    == "ValidationException: Table has no stream to disable: TableName: hash")
            try await tables.turnStream("NEW_IMAGE")
            for viewType in ["NEW_IMAGE", "OLD_IMAGE"] {
                #expect(
                    await Self.fault(tables, viewType)
                        == "ValidationException: Table already has an enabled stream: TableName: hash")
            }
            let specifications: [(JSONObject, String)] = [
                (["StreamEnabled": true], "If stream is being enabled then UpdateViewType is required"),
                (
                    ["StreamEnabled": false, "StreamViewType": "NEW_IMAGE"],
                    "If stream is being disabled, then UpdateViewType must not be specified"
                ),
            ]
            for (specification, text) in specifications {
                let input = try StreamInput(InputReader(["StreamSpecification": .object(specification)]))
                let fault = await TestTables.fault { () throws in
                    try input?.check()
                    return .null
                }
                #expect(fault == "ValidationException: One or more parameter values were invalid: \(text)")
            }
        }
    }

    /// An open iterator comes to the end when its stream is turned off.
    @Test func anIteratorEndsWithItsStream() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.streamed())
            let stream = try await TestStream(tables)
            let latest = try await stream.iterator("LATEST")
            #expect(try await stream.read(latest)["NextShardIterator"] != nil)
            try await tables.put("a")
            try await tables.turnStream(nil)
            let answer = try await stream.read(latest)
            #expect(answer["Records"]?.array?.count == 1)
            #expect(answer["NextShardIterator"] == nil)
        }
    }

    @Test func iteratorsSurviveARestart() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.streamed())
            let stream = try await TestStream(tables)
            try await tables.put("a")
            try await tables.put("b")
            let first = try await stream.read(try await stream.iterator(), limit: 1)
            let next = try #require(first["NextShardIterator"])
            let again = try TestTables.service(tables.store, tables.clock)
            let rest = try await again.performOnStreams("GetRecords", ["ShardIterator": next])
            #expect(rest["Records"]?[0]?["dynamodb"]?["Keys"]?["pk"]?["S"] == "b")
        }
    }
}

import AWSProtocol
import Clock
import JSON
import Store
import Synchronization
import Testing

@testable import Tables

/// Pages beyond some size are read on another thread; nothing else may differ.
@Suite struct PageTextTests {
    final class Runs: Sendable {
        let count = Mutex(0)
        func run(_ work: @escaping @Sendable () -> Void) async throws {
            count.withLock { $0 += 1 }
            work()
        }
    }

    /// A service on the same store that counts the work it sends elsewhere.
    static func other(_ tables: TestTables, _ runs: Runs) throws -> TablesService {
        try TablesService(
            store: tables.store, configuration: .init(region: "us-east-1", accountID: "000000000000"),
            clock: tables.clock, runBlocking: { try await runs.run($0) })
    }

    static func fill(_ tables: TestTables, items: Int, bytes: Int) async throws {
        try await tables.call("CreateTable", Schemas.indexed)
        let filler = String(repeating: "x", count: bytes)
        for number in 0..<items {
            try await tables.call(
                "PutItem",
                #"{"TableName":"indexed","Item":{"pk":{"S":"p"},"sk":{"S":"\#(1000 + number)"},"#
                    + #""g":{"S":"g"},"n":{"N":"\#(number)"},"x":{"S":"\#(filler)"}}}"#)
        }
    }

    static let reads = [
        ("Query", #""KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"p"}}"#),
        (
            "Query",
            #""KeyConditionExpression":"pk = :p","FilterExpression":"n > :n","#
                + #""ExpressionAttributeValues":{":p":{"S":"p"},":n":{"N":"30"}}"#
        ),
        (
            "Query",
            #""KeyConditionExpression":"pk = :p","ProjectionExpression":"x","#
                + #""ExpressionAttributeValues":{":p":{"S":"p"}},"ScanIndexForward":false"#
        ),
        (
            "Query",
            #""IndexName":"all","KeyConditionExpression":"g = :g","#
                + #""ExpressionAttributeValues":{":g":{"S":"g"}},"ReturnConsumedCapacity":"INDEXES""#
        ),
        (
            "Query",
            #""IndexName":"keys","KeyConditionExpression":"g = :g","#
                + #""ExpressionAttributeValues":{":g":{"S":"g"}}"#
        ),
        ("Scan", #""Select":"COUNT","ReturnConsumedCapacity":"TOTAL""#),
        ("Scan", #""Limit":50"#), ("Scan", #""Limit":3"#),
    ]

    @Test func pagesAreTheSameHoweverTheyAreRead() async throws {
        try await withTables { tables in
            try await Self.fill(tables, items: 60, bytes: 1000)
            let runs = Runs()
            let other = try Self.other(tables, runs)
            for (operation, parameters) in Self.reads {
                let input = JSONInput(Array(#"{"TableName":"indexed",\#(parameters)}"#.utf8))
                let here = try await tables.service.answer(operation, input)
                let there = try await other.answer(operation, input)
                #expect(here == there, "\(operation) \(parameters)")
                #expect(try JSONValue.parse(here)["Count"]?.int ?? 0 > 0, "\(operation) \(parameters)")
            }
            #expect(runs.count.withLock { $0 } >= 5)
        }
    }

    @Test func smallPagesStayOnTheirThread() async throws {
        try await withTables { tables in
            try await Self.fill(tables, items: 5, bytes: 1000)
            let runs = Runs()
            let other = try Self.other(tables, runs)
            for (operation, parameters) in Self.reads {
                let input = JSONInput(Array(#"{"TableName":"indexed",\#(parameters)}"#.utf8))
                _ = try? await other.answer(operation, input)
            }
            #expect(runs.count.withLock { $0 } == 0)
        }
    }

    @Test func countsAndPositionsOfAPlainPage() async throws {
        try await withTables { tables in
            try await Self.fill(tables, items: 10, bytes: 10)
            let page = try await tables.call(
                "Query",
                #"{"TableName":"indexed","KeyConditionExpression":"pk = :p","FilterExpression":"n > :n","#
                    + #""ExpressionAttributeValues":{":p":{"S":"p"},":n":{"N":"2"}},"Limit":4,"#
                    + #""ReturnConsumedCapacity":"TOTAL"}"#)
            try expectJSON(
                page,
                #"{"Items":[{"g":{"S":"g"},"n":{"N":"3"},"pk":{"S":"p"},"sk":{"S":"1003"},"x":{"S":"xxxxxxxxxx"}}],"#
                    + #""Count":1,"ScannedCount":4,"LastEvaluatedKey":{"pk":{"S":"p"},"sk":{"S":"1003"}},"#
                    + #""ConsumedCapacity":{"TableName":"indexed","CapacityUnits":0.5}}"#)
        }
    }
}

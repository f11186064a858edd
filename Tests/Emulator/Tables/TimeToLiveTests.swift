import Clock
import JSON
import Store
import Testing

@testable import Expressions
@testable import Tables

@Suite struct TimeToLiveTests {
    static let enable =
        #"{"TableName":"hash","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}"#
    static let disable =
        #"{"TableName":"hash","TimeToLiveSpecification":{"Enabled":false,"AttributeName":"ttl"}}"#

    @Test func states() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try expectJSON(
                try await tables.call("DescribeTimeToLive", #"{"TableName":"hash"}"#),
                #"{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}"#)
            #expect(
                await tables.fault("UpdateTimeToLive", Self.disable)
                    == "ValidationException: TimeToLive is already disabled")
            try expectJSON(
                try await tables.call("UpdateTimeToLive", Self.enable),
                #"{"TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}"#)
            #expect(
                await tables.fault("UpdateTimeToLive", Self.enable)
                    == "ValidationException: TimeToLive is already enabled")
            try await tables.call("UpdateTimeToLive", Self.disable)
            #expect(
                await tables.fault("UpdateTimeToLive", #"{"TableName":"hash"}"#)
                    == "ValidationException: 1 validation error detected: Value null at "
                    + "'timeToLiveSpecification' failed to satisfy constraint: Member must not be null")
            #expect(
                await tables.fault("DescribeTimeToLive", #"{"TableName":"none"}"#)
                    == "ResourceNotFoundException: Requested resource not found: Table: none not found")
        }
    }

    /// What is left of these items at 1,700,000,000 seconds.
    @Test(arguments: [true, false])
    func sweep(existingItems: Bool) async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            if !existingItems { try await tables.call("UpdateTimeToLive", Self.enable) }
            let items = [
                ("expired", #"{"N":"1699999999"}"#), ("fraction", #"{"N":"1699999999.5"}"#),
                ("future", #"{"N":"1700000001"}"#), ("ancient", #"{"N":"1500000000"}"#),
                ("text", #"{"S":"1699999999"}"#), ("zero", #"{"N":"0"}"#), ("negative", #"{"N":"-5"}"#),
                ("huge", #"{"N":"1e100"}"#),
            ]
            for (name, expiry) in items {
                try await tables.call(
                    "PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"\#(name)"},"ttl":\#(expiry)}}"#)
            }
            try await tables.call("PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"without"}}}"#)
            if existingItems { try await tables.call("UpdateTimeToLive", Self.enable) }
            await tables.service.sweepExpired()
            func names() async throws -> [String] {
                let scan = try await tables.call("Scan", #"{"TableName":"hash"}"#)
                return (scan["Items"]?.array ?? []).compactMap { $0["pk"]?["S"]?.string }.sorted()
            }
            #expect(
                try await names() == ["ancient", "future", "huge", "negative", "text", "without", "zero"])
            tables.clock.advance(milliseconds: 5_000)
            await tables.service.sweepExpired()
            #expect(try await names() == ["ancient", "huge", "negative", "text", "without", "zero"])
        }
    }

    @Test func aChangedExpiryCounts() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await tables.call("UpdateTimeToLive", Self.enable)
            try await tables.call(
                "PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"a"},"ttl":{"N":"1699999999"}}}"#)
            try await tables.call(
                "UpdateItem",
                #"{"TableName":"hash","Key":{"pk":{"S":"a"}},"UpdateExpression":"SET #t = :t","#
                    + ##""ExpressionAttributeNames":{"#t":"ttl"},"##
                    + ##""ExpressionAttributeValues":{":t":{"N":"1800000000"}}}"##
            )
            await tables.service.sweepExpired()
            let scan = try await tables.call("Scan", #"{"TableName":"hash"}"#)
            #expect(scan["Count"] == 1)
        }
    }

    @Test func manyExpiredItemsGoWithTheirIndexEntries() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.indexed)
            for number in 0..<250 {
                try await tables.call(
                    "PutItem",
                    #"{"TableName":"indexed","Item":{"pk":{"S":"p"},"sk":{"S":"\#(number)"},"g":{"S":"g"},"#
                        + #""n":{"N":"1"},"e":{"N":"1699999000"}}}"#)
            }
            try await tables.call(
                "UpdateTimeToLive",
                #"{"TableName":"indexed","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"e"}}"#)
            await tables.service.sweepExpired()
            var left = 0
            try tables.store.read { snapshot in
                for keyspace in [Keyspace.items, .indexEntries] {
                    try snapshot.scan(keyspace, from: [], to: nil, reverse: false) { _, _ in
                        left += 1
                        return true
                    }
                }
            }
            #expect(left == 0)
        }
    }
}

/// Many expired items: a round deletes some, the background the rest.
@Suite struct ExpiryBacklogTests {
    @Test(arguments: [true, false]) func aLongBacklogGoesOnUntilDone(existingItems: Bool) async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            if !existingItems { try await tables.call("UpdateTimeToLive", TimeToLiveTests.enable) }
            let table = try tables.service.environment.catalog.table("hash")
            try await tables.store.commit { transaction in
                let table = try table.newest(in: transaction)
                for number in 0..<3_500 {
                    var item = Item()
                    item["pk"] = .s("\(number)")
                    item["ttl"] = .n(try DecimalNumber("1699999000"))
                    _ = try ItemWriter.replace(
                        nil, with: item, key: KeyEncoding.itemKey(table, item), in: table, transaction)
                }
            }
            if existingItems { try await tables.call("UpdateTimeToLive", TimeToLiveTests.enable) }
            await tables.service.sweepExpired()
            await tables.service.environment.work.finish()
            #expect(try await tables.call("Scan", #"{"TableName":"hash","Select":"COUNT"}"#)["Count"] == 0)
            #expect(try tables.store.verify(checks: TablesService.checks).problems == [])
        }
    }

    /// A damaged item stays for `verify` to name; the others expire all the same.
    @Test(arguments: [true, false]) func anItemThatCannotBeReadHoldsUpNoOther(existingItems: Bool)
        async throws
    {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            if !existingItems { try await tables.call("UpdateTimeToLive", TimeToLiveTests.enable) }
            for name in ["a", "b", "c"] {
                try await tables.call(
                    "PutItem",
                    #"{"TableName":"hash","Item":{"pk":{"S":"\#(name)"},"ttl":{"N":"1699999000"}}}"#)
            }
            let table = try tables.service.environment.catalog.table("hash")
            var item = Item()
            item["pk"] = .s("b")
            let damaged = KeyEncoding.itemKey(table, item)
            try await tables.store.commit { $0.put(.items, damaged, [0xFF]) }
            if existingItems { try await tables.call("UpdateTimeToLive", TimeToLiveTests.enable) }
            await tables.service.sweepExpired()
            await tables.service.environment.work.finish()
            var left: [[UInt8]] = []
            try tables.store.read { snapshot in
                try snapshot.scan(.items, from: [], to: nil, reverse: false) { key, _ in
                    left.append(key)
                    return true
                }
            }
            #expect(left == [damaged])
            #expect(try !tables.store.verify(checks: TablesService.checks).problems.isEmpty)
        }
    }

    /// The oldest second that still expires, and the one before.
    @Test func fiveYearsAreTheLimit() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await tables.call("UpdateTimeToLive", TimeToLiveTests.enable)
            let limit = 1_700_000_000 - Sweeper.maximumAgeSeconds
            for (name, time) in [("kept", limit - 1), ("gone", limit), ("alsoGone", limit + 1)] {
                try await tables.call(
                    "PutItem",
                    #"{"TableName":"hash","Item":{"pk":{"S":"\#(name)"},"ttl":{"N":"\#(time)"}}}"#)
            }
            await tables.service.sweepExpired()
            let left = try await tables.call("Scan", #"{"TableName":"hash"}"#)["Items"]?.array
            #expect(left?.map { $0["pk"]?["S"] } == ["kept"])
        }
    }

    /// Turning it off in the middle leaves the rest alone.
    @Test func turningItOffStopsTheSweep() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await tables.call("UpdateTimeToLive", TimeToLiveTests.enable)
            try await tables.call(
                "PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"a"},"ttl":{"N":"1700000001"}}}"#)
            try await tables.call("UpdateTimeToLive", TimeToLiveTests.disable)
            tables.clock.advance(milliseconds: 60_000)
            await tables.service.sweepExpired()
            #expect(try await tables.call("Scan", #"{"TableName":"hash"}"#)["Count"] == 1)
            #expect(try tables.store.verify(checks: TablesService.checks).problems == [])
        }
    }
}

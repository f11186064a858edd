import JSON
import Store
import Testing

@testable import Expressions
@testable import Tables

@Suite struct BackgroundWorkTests {
    static func put(_ tables: TestTables, _ count: Int, table: String = "hash") async throws {
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask {
                    _ = try? await tables.call(
                        "PutItem",
                        #"{"TableName":"\#(table)","Item":{"pk":{"S":"\#(number)"},"v":{"N":"1"}}}"#)
                }
            }
        }
    }

    static func statistics(_ tables: TestTables, _ name: String = "hash") throws -> TableStatistics {
        let id = tables.service.environment.catalog.find(name)?.id ?? 0
        return try tables.store.read { try TableStatistics.read(id, $0) }
    }

    @Test func aLargeDroppedTableGoesInPortions() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await Self.put(tables, 2 * GarbageCollection.portion + 10)
            try await tables.call("DeleteTable", #"{"TableName":"hash"}"#)
            await tables.service.environment.work.finish()
            let report = try tables.store.verify()
            #expect(report.entries[.items] == 0)
            #expect(report.entries[.counters] == 0)
            #expect(try tables.store.read { try GarbageCollection.waiting($0) }.isEmpty)
        }
    }

    @Test func removalGoesOnAfterARestart() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await Self.put(tables, GarbageCollection.portion + 10)
            // The work has been stopped, as by a crash right after the table was dropped.
            await tables.service.stop()
            try await tables.call("DeleteTable", #"{"TableName":"hash"}"#)
            #expect(try tables.store.verify().entries[.items] == 10)
            let next = try TestTables.service(tables.store, tables.clock)
            await next.sweepExpired()
            await next.environment.work.finish()
            #expect(try tables.store.verify().entries[.items] == 0)
        }
    }

    @Test func countersFollowEveryKindOfWrite() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.indexed)
            let table = try #require(tables.service.environment.catalog.find("indexed"))
            for (sort, more) in [("a", #","g":{"S":"x"},"n":{"N":"5"}"#), ("b", #","b":{"B":"AAAA"}"#)] {
                try await tables.call(
                    "PutItem",
                    #"{"TableName":"indexed","Item":{"pk":{"S":"p"},"sk":{"S":"\#(sort)"}\#(more)}}"#)
            }
            for update in ["SET g = :s", "SET x = :s REMOVE n", "REMOVE g SET y = :s"] {
                try await tables.call(
                    "UpdateItem",
                    #"{"TableName":"indexed","Key":{"pk":{"S":"p"},"sk":{"S":"a"}},"UpdateExpression":"#
                        + #""\#(update)","ExpressionAttributeValues":{":s":{"S":"some"}}}"#)
                try tables.store.read { snapshot in
                    for (owner, total) in try Recount.count(table, snapshot) {
                        let found = try TableStatistics.read(owner, snapshot)
                        #expect(found.items == total.items)
                        #expect(found.bytes == total.bytes)
                    }
                }
            }
            try await tables.call(
                "DeleteItem", #"{"TableName":"indexed","Key":{"pk":{"S":"p"},"sk":{"S":"b"}}}"#)
            #expect(try Self.statistics(tables, "indexed").items == 1)
        }
    }

    @Test func aTableFromBeforeThereWereCountersIsCountedOnce() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await Self.put(tables, 5)
            let environment = tables.service.environment
            let right = try Self.statistics(tables)
            try await environment.changeDefinition("hash") { transaction in
                guard let table = environment.catalog.find("hash") else { return }
                try TableCounter.reset(table.id, in: transaction)
                Catalog.write(table.with { $0.isCounted = false }, in: transaction)
            }
            #expect(try Self.statistics(tables).items == 0)
            environment.work.wake(environment)
            await environment.work.finish()
            #expect(try Self.statistics(tables).items == 5)
            #expect(try Self.statistics(tables).bytes == right.bytes)
            #expect(environment.catalog.find("hash")?.definition.isCounted == true)
        }
    }
}

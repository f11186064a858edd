import Clock
import JSON
import Seeded
import Store
import Testing

@testable import Expressions
@testable import Tables

/// A new index over items that are there: portion by portion, with writers and restarts between them.
@Suite struct IndexBackfillTests {
    static let create =
        #"{"TableName":"hash","AttributeDefinitions":[{"AttributeName":"g","AttributeType":"S"}],"#
        + #""GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"byG","KeySchema":[{"AttributeName":"g","#
        + #""KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}}]}"#
    static let describe = #"{"TableName":"hash"}"#

    /// Fills a table; some items have no `g`, or one of another type.
    static func fill(_ tables: TestTables, _ count: Int) async throws {
        try await tables.call("CreateTable", Schemas.hash)
        let table = try tables.service.environment.catalog.table("hash")
        try await tables.store.commit { transaction in
            let table = try table.newest(in: transaction)
            for number in 0..<count {
                let item = item(number)
                _ = try ItemWriter.replace(
                    nil, with: item, key: KeyEncoding.itemKey(table, item), in: table, transaction)
            }
        }
    }

    static func item(_ number: Int) -> Item {
        var item = Item()
        item["pk"] = .s("\(number)")
        switch number % 5 {
        case 0: break
        case 1: item["g"] = .bool(true)
        default: item["g"] = .s("g\(number % 7)")
        }
        item["v"] = .s(String(repeating: "v", count: number % 50))
        return item
    }

    /// Defines the index without waking the background, so that a test has each portion in its hand.
    static func define(_ tables: TestTables) async throws {
        await tables.service.environment.work.stop()
        try await tables.call("UpdateTable", create)
    }

    /// Everything that `emulator verify` checks of tables.
    static func faults(_ store: Store) throws -> [String] {
        try store.verify(checks: TablesService.checks).problems
    }

    static func index(_ service: TablesService) async throws -> JSONValue? {
        let answer = try await service.perform(
            "DescribeTable", JSONValue.parse(describe).object ?? JSONObject())
        return answer["Table"]?["GlobalSecondaryIndexes"]?[0]
    }

    static func expectComplete(_ service: TablesService, _ store: Store) async throws {
        let found = try await index(service)
        #expect(found?["IndexStatus"] == "ACTIVE")
        #expect(found?["Backfilling"] == nil)
        let table = try service.environment.catalog.table("hash")
        let totals = try store.read { try Recount.count(table, $0) }
        let index = try #require(table.index("byG"))
        let expected = try #require(totals[index.id])
        #expect(found?["ItemCount"]?.int == expected.items)
        #expect(found?["IndexSizeBytes"]?.int == expected.bytes)
        #expect(try store.read { try $0.get(.settings, IndexBackfill.cursorKey(index)) } == nil)
        #expect(try faults(store) == [])
    }

    @Test(arguments: [0, 1, 199, 200, 201, 1_000]) func allItemsEnter(count: Int) async throws {
        try await withTables { tables in
            try await Self.fill(tables, count)
            try await tables.call("UpdateTable", Self.create)
            await tables.service.environment.work.finish()
            try await Self.expectComplete(tables.service, tables.store)
        }
    }

    @Test func oneCommitHandlesAPortion() async throws {
        try await withTables { tables in
            try await Self.fill(tables, 500)
            try await Self.define(tables)
            let environment = tables.service.environment
            var seen: [Int] = []
            while try await IndexBackfill.advance(environment) {
                seen.append(try await Self.index(tables.service)?["ItemCount"]?.int ?? -1)
                #expect(try Self.faults(tables.store) == [])
            }
            // Three of five items have the attribute; 500 items are three portions.
            #expect(seen.count == 3 && seen[0] < 200 && seen[0] < seen[1] && seen[2] == 300)
            try await Self.expectComplete(tables.service, tables.store)
        }
    }

    @Test func anIndexBeingFilledCannotBeReadNorItsTableDropped() async throws {
        try await withTables { tables in
            try await Self.fill(tables, 300)
            try await Self.define(tables)
            let described = try await tables.call("DescribeTable", Self.describe)["Table"]
            #expect(described?["TableStatus"] == "UPDATING")
            #expect(described?["GlobalSecondaryIndexes"]?[0]?["IndexStatus"] == "CREATING")
            #expect(described?["GlobalSecondaryIndexes"]?[0]?["Backfilling"] == true)
            let refusal =
                "ValidationException: Cannot read from backfilling global secondary index: byG"
            #expect(
                await tables.fault(
                    "Query",
                    #"{"TableName":"hash","IndexName":"byG","KeyConditionExpression":"g = :g","#
                        + #""ExpressionAttributeValues":{":g":{"S":"g1"}}}"#) == refusal)
            #expect(await tables.fault("Scan", #"{"TableName":"hash","IndexName":"byG"}"#) == refusal)
            #expect(
                await tables.fault("DeleteTable", Self.describe)
                    == "ResourceInUseException: Attempt to change a resource which is still in use: Cannot "
                    + "delete table while indexes are being created, updated, or deleted.")
            #expect(
                await tables.fault("UpdateTable", Self.create)
                    == "ResourceInUseException: Attempt to change a resource which is still in use: Index is "
                    + "being created. Table: hash Index: byG")
            #expect(
                await tables.fault(
                    "UpdateTable", Self.create.replacing(#""byG""#, with: #""another""#))
                    == "LimitExceededException: Subscriber limit exceeded: Only 1 online index can be created "
                    + "or deleted simultaneously per table")
            try await tables.call("UpdateTable", #"{"TableName":"hash","DeletionProtectionEnabled":false}"#)
        }
    }

    /// The store is closed after each portion, and the next one is done by a service that starts anew.
    @Test func restartsBetweenPortions() async throws {
        let tables = try TestTables()
        defer { tables.close() }
        try await Self.fill(tables, 900)
        try await Self.define(tables)
        tables.store.close()
        var restarts = 0
        while true {
            let store = try Store.open(at: tables.folder, clock: tables.clock)
            defer { store.close() }
            let service = try TestTables.service(store, tables.clock)
            restarts += 1
            guard try await IndexBackfill.advance(service.environment) else {
                try await Self.expectComplete(service, store)
                break
            }
            #expect(try Self.faults(store) == [])
        }
        #expect(restarts == 6)
    }

    /// What a service finds half done when it starts, it ends by itself.
    @Test func goesOnByItselfAfterARestart() async throws {
        let tables = try TestTables()
        defer { tables.close() }
        try await Self.fill(tables, 900)
        try await Self.define(tables)
        _ = try await IndexBackfill.advance(tables.service.environment)
        tables.store.close()
        let store = try Store.open(at: tables.folder, clock: tables.clock)
        defer { store.close() }
        let service = try TestTables.service(store, tables.clock)
        await service.sweepExpired()
        await service.environment.work.finish()
        try await Self.expectComplete(service, store)
    }

    /// Writes of all kinds between portions, before and behind the cursor.
    @Test(arguments: [UInt64.random(in: .min ... .max), 1, 2]) func writersBetweenPortions(seed: UInt64)
        async throws
    {
        print("writersBetweenPortions: seed \(seed)")
        try await withTables { tables in
            try await Self.fill(tables, 1_000)
            try await Self.define(tables)
            var random = SeededRandom(seed: seed)
            while true {
                for _ in 0..<60 {
                    let key = Int.random(in: 0..<1_100, using: &random)
                    let value = Int.random(in: 0..<5, using: &random)
                    let request = Self.write(key, value, Int.random(in: 0..<4, using: &random))
                    try await tables.call(request.operation, request.input)
                }
                #expect(try Self.faults(tables.store) == [])
                guard try await IndexBackfill.advance(tables.service.environment) else { break }
            }
            try await Self.expectComplete(tables.service, tables.store)
        }
    }

    private static func write(_ key: Int, _ value: Int, _ kind: Int) -> (operation: String, input: String) {
        let pk = #""pk":{"S":"\#(key)"}"#
        return switch kind {
        case 0: ("DeleteItem", #"{"TableName":"hash","Key":{\#(pk)}}"#)
        case 1: ("PutItem", #"{"TableName":"hash","Item":{\#(pk),"g":{"S":"h\#(value)"}}}"#)
        case 2: ("PutItem", #"{"TableName":"hash","Item":{\#(pk)}}"#)
        default:
            (
                "UpdateItem",
                #"{"TableName":"hash","Key":{\#(pk)},"UpdateExpression":"SET g = :g, w = :w","#
                    + #""ExpressionAttributeValues":{":g":{"S":"u\#(value)"},":w":{"S":"w"}}}"#
            )
        }
    }

    @Test func writersAtTheSameTime() async throws {
        try await withTables { tables in
            try await Self.fill(tables, 2_000)
            try await tables.call("UpdateTable", Self.create)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        for step in 0..<100 {
                            let request = Self.write(
                                (worker * 977 + step * 31) % 2_100, step % 5, (step + worker) % 4)
                            try await tables.call(request.operation, request.input)
                        }
                    }
                }
                try await group.waitForAll()
            }
            await tables.service.environment.work.finish()
            try await Self.expectComplete(tables.service, tables.store)
        }
    }

    @Test func anIndexDroppedHalfwayLeavesNothing() async throws {
        try await withTables { tables in
            try await Self.fill(tables, 900)
            try await Self.define(tables)
            _ = try await IndexBackfill.advance(tables.service.environment)
            let answer = try await tables.call(
                "UpdateTable",
                #"{"TableName":"hash","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"byG"}}]}"#)
            #expect(
                answer["TableDescription"]?["GlobalSecondaryIndexes"]?[0]?["IndexStatus"] == "DELETING")
            while try await GarbageCollection.advance(tables.service.environment) {}
            #expect(try await IndexBackfill.advance(tables.service.environment) == false)
            #expect(try await Self.index(tables.service) == nil)
            #expect(try Self.faults(tables.store) == [])
            var left = 0
            try tables.store.read { snapshot in
                try snapshot.scan(.indexEntries, from: [], to: nil) { _, _ in
                    left += 1
                    return true
                }
            }
            #expect(left == 0)
        }
    }

    /// A table from before there were counters is counted while its new index is being filled.
    @Test func aRecountLeavesTheBackfillItsPart() async throws {
        try await withTables { tables in
            try await Self.fill(tables, 500)
            try await Self.define(tables)
            _ = try await IndexBackfill.advance(tables.service.environment)
            try await tables.service.environment.changeDefinition("hash") { transaction in
                let stored = try #require(try Catalog.read("hash", in: transaction))
                let table = Catalog.start(stored).with { $0.isCounted = false }
                transaction.put(.settings, Catalog.key("hash"), table.definition.stored.encoded())
            }
            _ = try await Recount.advance(tables.service.environment)
            while try await IndexBackfill.advance(tables.service.environment) {}
            try await Self.expectComplete(tables.service, tables.store)
        }
    }

    /// UpdateTable's commit fails, having landed or not.
    @Test(arguments: FailedCommitTests.points) func theFirstCommitFails(point: FaultPoint) async throws {
        try await withTables(FailedCommitTests.options(point, 3)) { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await tables.call("PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"a"},"g":{"S":"x"}}}"#)
            #expect(await tables.fault("UpdateTable", Self.create).hasPrefix("InternalServerError"))
            await tables.service.sweepExpired()
            await tables.service.environment.work.finish()
            let found = try await Self.index(tables.service)
            #expect((found != nil) == (point == .commitAcknowledge))
            if found != nil { try await Self.expectComplete(tables.service, tables.store) }
            try await FailedCommitTests.expectTruth(tables)
        }
    }
}

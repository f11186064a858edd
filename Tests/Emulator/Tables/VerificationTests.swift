import Store
import Testing

@testable import Expressions
@testable import Tables

/// A store damaged on purpose: each kind of damage is found and named.
@Suite struct VerificationTests {
    /// Two tables with items; `indexed` has every kind of index and a time to live.
    static func filled(_ body: (TestTables, Table) async throws -> Void) async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.indexed)
            try await tables.call("CreateTable", Schemas.hash)
            try await tables.call(
                "UpdateTimeToLive",
                #"{"TableName":"indexed","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"e"}}"#)
            for number in 0..<5 {
                try await IndexTests.put(
                    tables, "\(number)",
                    #","g":{"S":"g"},"n":{"N":"\#(number)"},"b":{"B":"AAAA"},"e":{"N":"1700000999"}"#)
            }
            try await tables.call("PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"p"}}}"#)
            try await tables.call(
                "TransactWriteItems",
                #"{"ClientRequestToken":"t","TransactItems":[{"Put":{"TableName":"hash","#
                    + #""Item":{"pk":{"S":"q"}}}}]}"#)
            await tables.service.sweepExpired()
            try await body(tables, try tables.service.environment.catalog.table("indexed"))
        }
    }

    static func problems(_ tables: TestTables) throws -> [String] {
        try tables.store.verify(checks: TablesService.checks).problems
    }

    static func entries(_ tables: TestTables, _ keyspace: Keyspace, _ prefix: [UInt8] = []) throws
        -> [[UInt8]]
    {
        var keys: [[UInt8]] = []
        try tables.store.read { snapshot in
            try snapshot.scan(keyspace, from: prefix, to: KeyEncoding.successor(ofPrefix: prefix)) { key, _ in
                keys.append(key)
                return true
            }
        }
        return keys
    }

    static func first(_ tables: TestTables, _ keyspace: Keyspace, _ prefix: [UInt8]) throws -> [UInt8] {
        try #require(try entries(tables, keyspace, prefix).first)
    }

    /// Damages the store and expects exactly these words to be among the problems, the first of them first.
    static func expect(
        _ words: String..., sourceLocation: SourceLocation = #_sourceLocation,
        after damage: (TestTables, Table) async throws -> Void
    ) async throws {
        try await filled { tables, table in
            #expect(try problems(tables) == [], sourceLocation: sourceLocation)
            try await damage(tables, table)
            let found = try problems(tables)
            #expect(found.first?.contains(words[0]) == true, "\(found)", sourceLocation: sourceLocation)
            for word in words {
                #expect(
                    found.contains { $0.contains(word) }, "\(word): \(found)", sourceLocation: sourceLocation)
            }
        }
    }

    @Test(arguments: ["all", "keys", "some", "local"])
    func aMissingIndexEntry(index: String) async throws {
        try await Self.expect(
            #"table-items: item {"pk":{"S":"p"},"sk":{"S":"0"}} of table 'indexed' has no entry in index '\#(index)'"#
        ) { tables, table in
            let item: Item = [
                "pk": .s("p"), "sk": .s("0"), "g": .s("g"), "n": .n(DecimalNumber(0)),
                "b": .b([0, 0, 0]),
            ]
            let damaged = try #require(table.index(index))
            let key = KeyEncoding.itemKey(table, item)
            let entry = try #require(KeyEncoding.entryKey(damaged, item, itemKey: key))
            try await tables.store.commit { $0.delete(.indexEntries, entry) }
        }
    }

    @Test func aStrayIndexEntry() async throws {
        try await Self.expect("table-index-entries: entry", "does not follow from the item") {
            tables, table in
            let id = try #require(table.index("keys")).id
            let entry = try Self.first(tables, .indexEntries, KeyEncoding.prefix(id))
            try await tables.store.commit { transaction in
                let value = try #require(try transaction.get(.indexEntries, entry))
                transaction.put(.indexEntries, entry + [1], value)
            }
        }
    }

    @Test func anEntryOfNoIndex() async throws {
        try await Self.expect("table-index-entries: index entry 00000063", "there is none with id 99") {
            tables, _ in
            try await tables.store.commit {
                $0.put(.indexEntries, KeyEncoding.prefix(99) + [1, 2], [1])
            }
        }
    }

    @Test func aDeletedItemLeavesEntries() async throws {
        try await Self.expect(
            "table-index-entries: expiry entry", "of index 'all' of table 'indexed' refers to no item",
            "of index 'local' of table 'indexed' refers to no item"
        ) { tables, table in
            let key = try Self.first(tables, .items, KeyEncoding.prefix(table.id))
            try await tables.store.commit { $0.delete(.items, key) }
        }
    }

    @Test func anEntryThatRefersToAnotherItem() async throws {
        try await Self.expect("table-items: the entry of item", "in index 'all' refers to another item") {
            tables, table in
            let index = try #require(table.index("all"))
            let entries = try Self.entries(tables, .indexEntries, KeyEncoding.prefix(index.id))
            try await tables.store.commit { transaction in
                let other = try #require(try transaction.get(.indexEntries, entries[1]))
                transaction.put(.indexEntries, entries[0], other)
            }
        }
    }

    @Test func aMissingExpiryEntry() async throws {
        try await Self.expect("has no entry for its expiry time 1700000999") { tables, _ in
            let entry = try Self.first(tables, .indexEntries, KeyEncoding.prefix(KeyEncoding.expiryID))
            try await tables.store.commit { $0.delete(.indexEntries, entry) }
        }
    }

    @Test func aStrayExpiryEntry() async throws {
        try await Self.expect("an expiry entry does not follow from the item") { tables, table in
            let key = try Self.first(tables, .items, KeyEncoding.prefix(table.id))
            try await tables.store.commit {
                $0.put(.indexEntries, KeyEncoding.expiryKey(table, seconds: 7, itemKey: key), [])
            }
        }
    }

    @Test func anExpiryEntryOfATableWithoutTimeToLive() async throws {
        try await Self.expect("belongs to no table with a time to live") { tables, _ in
            let table = try tables.service.environment.catalog.table("hash")
            let key = try Self.first(tables, .items, KeyEncoding.prefix(table.id))
            try await tables.store.commit {
                $0.put(.indexEntries, KeyEncoding.expiryKey(table, seconds: 7, itemKey: key), [])
            }
        }
    }

    /// Items that the sweep has not reached yet need no entry.
    @Test func expiryEntriesMayFollowLater() async throws {
        try await Self.filled { tables, table in
            let entry = try Self.first(tables, .indexEntries, KeyEncoding.prefix(KeyEncoding.expiryID))
            try await tables.store.commit { transaction in
                transaction.delete(.indexEntries, entry)
                transaction.put(.settings, Sweeper.cursorKey(table), KeyEncoding.prefix(table.id))
            }
            #expect(try Self.problems(tables) == [])
            await tables.service.sweepExpired()
            #expect(try Self.first(tables, .indexEntries, KeyEncoding.prefix(KeyEncoding.expiryID)) == entry)
        }
    }

    @Test func anItemOfNoTable() async throws {
        try await Self.expect("table-items: item", "belongs to no table: there is none with id 99") {
            tables, table in
            let key = try Self.first(tables, .items, KeyEncoding.prefix(table.id))
            try await tables.store.commit { transaction in
                let value = try #require(try transaction.get(.items, key))
                transaction.put(.items, KeyEncoding.prefix(99) + key[4...], value)
            }
        }
    }

    @Test func anItemUnderAnotherKey() async throws {
        try await Self.expect(
            #"table-items: item {"pk":{"S":"q"}} of table 'hash' is stored under another item's key"#
        ) { tables, _ in
            let table = try tables.service.environment.catalog.table("hash")
            let one = KeyEncoding.itemKey(table, ["pk": .s("p")])
            let other = KeyEncoding.itemKey(table, ["pk": .s("q")])
            try await tables.store.commit { transaction in
                let value = try #require(try transaction.get(.items, other))
                transaction.put(.items, one, value)
            }
        }
    }

    @Test func anItemWithoutItsKey() async throws {
        try await Self.expect("table-items: item", "lacks the key attribute 'sk'") { tables, table in
            let key = try Self.first(tables, .items, KeyEncoding.prefix(table.id))
            try await tables.store.commit {
                $0.put(.items, key, (["pk": .s("p"), "sk": .null] as Item).encoded())
            }
        }
    }

    @Test func anItemThatCannotBeRead() async throws {
        try await Self.expect("of table 'indexed' cannot be read") { tables, table in
            let key = try Self.first(tables, .items, KeyEncoding.prefix(table.id))
            try await tables.store.commit { $0.put(.items, key, [200, 1, 2]) }
        }
    }

    @Test func aDefinitionThatCannotBeRead() async throws {
        try await Self.expect(
            "table-definitions: the definition of table 'hash' cannot be read",
            "table-items: item", "belongs to no table"
        ) { tables, _ in
            try await tables.store.commit { $0.put(.settings, Catalog.key("hash"), [1]) }
        }
    }

    @Test func sharedAndUnknownIDs() async throws {
        try await Self.expect(
            "table-definitions: table 'hash' has the id 6, which was never given out",
            "table 'other' and table 'hash' share the id 6"
        ) { tables, _ in
            let table = try tables.service.environment.catalog.table("hash")
            #expect(table.id == 6)
            try await tables.store.commit { transaction in
                let stored = try #require(try transaction.get(.settings, Catalog.key("hash")))
                let text = String(decoding: stored, as: UTF8.self)
                    .replacing(#""name":"hash""#, with: #""name":"other""#)
                transaction.put(.settings, Catalog.key("other"), Array(text.utf8))
                transaction.put(.settings, Catalog.counterKey, Array("5".utf8))
            }
        }
    }

    @Test func aDefinitionUnderAnotherName() async throws {
        try await Self.expect("the definition of table 'other' says that it is 'hash'") { tables, _ in
            try await tables.store.commit { transaction in
                let json = try #require(try transaction.get(.settings, Catalog.key("hash")))
                transaction.delete(.settings, Catalog.key("hash"))
                transaction.put(.settings, Catalog.key("other"), json)
            }
        }
    }

    @Test func aTokenThatWouldStayForEver() async throws {
        try await Self.expect("table-transaction-tokens: transaction token 74 has no entry") { tables, _ in
            let entry = try Self.first(tables, .settings, TransactionToken.timePrefix)
            try await tables.store.commit { $0.delete(.settings, entry) }
        }
    }

    @Test(arguments: [(TableCounter.items, "items"), (.bytes, "bytes")])
    func aWrongCounter(counter: TableCounter, unit: String) async throws {
        try await Self.expect("table-counters: the counter of index 'keys' of table 'indexed' says") {
            tables, table in
            let id = try #require(table.index("keys")).id
            try await tables.store.commit { _ = try $0.count(counter.id(id), by: 1) }
            #expect(try Self.problems(tables).first?.contains(" \(unit), but it holds ") == true)
        }
    }

    @Test func aCounterOfNoTable() async throws {
        try await Self.expect("table-counters: counter 0000000000006300 belongs to no table and no index") {
            tables, _ in
            try await tables.store.commit { _ = try $0.count(TableCounter.items.id(99), by: 1) }
        }
    }

    static func logged(_ tables: TestTables) async throws {
        try await ChangeLogTests.log("hash", tables)
        for number in 1...4 {
            try await tables.call(
                "PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"p"},"v":{"N":"\#(number)"}}}"#)
        }
        #expect(try problems(tables) == [])
    }

    @Test func aGapInTheChangeLog() async throws {
        try await Self.expect("table-streams: the change log of table 'hash' has record 3 where 2 should be")
        {
            tables, _ in
            try await Self.logged(tables)
            let entry = try Self.entries(tables, .changes)[1]
            try await tables.store.commit { $0.delete(.changes, entry) }
        }
    }

    @Test func aChangeLogThatEndsEarly() async throws {
        try await Self.expect("table-streams: the change log of table 'hash' ends at 3 instead of 4") {
            tables, _ in
            try await Self.logged(tables)
            let entry = try Self.entries(tables, .changes)[3]
            try await tables.store.commit { $0.delete(.changes, entry) }
        }
    }

    @Test func aChangeThatCannotBeRead() async throws {
        try await Self.expect("table-streams: change 2 of table 'hash' cannot be read") { tables, _ in
            try await Self.logged(tables)
            let entry = try Self.entries(tables, .changes)[1]
            try await tables.store.commit { $0.put(.changes, entry, [1, 2]) }
        }
    }

    /// The front of a change log is trimmed by age.
    @Test func aTrimmedChangeLogIsWhole() async throws {
        try await Self.filled { tables, _ in
            try await Self.logged(tables)
            let id = try tables.service.environment.catalog.table("hash").id
            for entry in try Self.entries(tables, .changes).prefix(2) {
                try await tables.store.commit { $0.delete(.changes, entry) }
            }
            try await tables.store.commit { LogState(trimmed: 2, horizon: 2).write(id, in: $0) }
            #expect(try Self.problems(tables) == [])
        }
    }

    /// What a dropped table has left counts for nothing.
    @Test func aLargeTableBeingRemoved() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await BackgroundWorkTests.put(tables, GarbageCollection.portion + 10)
            await tables.service.stop()
            try await tables.call("DeleteTable", #"{"TableName":"hash"}"#)
            #expect(try tables.store.verify().entries[.items] == 10)
            #expect(try Self.problems(tables) == [])
        }
    }

    /// Of very many faults the first are told, the others counted.
    @Test func manyFaults() async throws {
        try await Self.filled { tables, _ in
            try await tables.store.commit { transaction in
                for number in 0..<250 {
                    transaction.put(.items, KeyEncoding.prefix(99) + KeyEncoding.prefix(UInt32(number)), [0])
                }
            }
            let report = try tables.store.verify(checks: TablesService.checks)
            #expect(report.faultCount == 250)
            #expect(report.problems.count == CheckRun.maximumKept + 1)
            #expect(report.problems.last == "table-items: 150 more faults")
        }
    }

    /// Checks go on beside writes and see one state.
    @Test func checksWhileWriting() async throws {
        try await Self.filled { tables, _ in
            async let writes: Void = {
                for number in 0..<300 {
                    try await IndexTests.put(
                        tables, "\(number % 7)", #","g":{"S":"\#(number)"},"n":{"N":"\#(number)"}"#)
                }
            }()
            for _ in 0..<20 { #expect(try Self.problems(tables) == []) }
            try await writes
            #expect(try Self.problems(tables) == [])
        }
    }
}

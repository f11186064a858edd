import Clock
import Store
import Testing

@testable import Expressions
@testable import Tables

/// Streams and change logs damaged on purpose: each kind of damage is found and named.
@Suite struct StreamVerificationTests {
    /// A stream with two shards: changes 1 to 4 in the first, 5 in the second.
    private static func filled(_ body: (TestTables, Table, ChangeStream) async throws -> Void) async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.streamed())
            for key in ["a", "b", "c"] { try await tables.put(key) }
            try await tables.call(
                "UpdateItem",
                #"{"TableName":"hash","Key":{"pk":{"S":"a"}},"UpdateExpression":"SET v = :v","#
                    + #""ExpressionAttributeValues":{":v":{"N":"1"}}}"#)
            tables.advance(hours: 5)
            await tables.work()
            try await tables.put("d")
            let table = try tables.service.environment.catalog.table("hash")
            let stream = try #require(try tables.store.read { try ChangeStream.all($0).first })
            try await body(tables, table, stream)
        }
    }

    private static func expect(
        _ words: String, sourceLocation: SourceLocation = #_sourceLocation,
        after damage: @escaping @Sendable (Transaction, Table, ChangeStream) throws -> Void
    ) async throws {
        try await filled { tables, table, stream in
            #expect(try VerificationTests.problems(tables) == [], sourceLocation: sourceLocation)
            try await tables.store.commit { try damage($0, table, stream) }
            let found = try VerificationTests.problems(tables)
            #expect(
                found.contains { $0.hasPrefix("table-streams: ") && $0.contains(words) }, "\(found)",
                sourceLocation: sourceLocation)
        }
    }

    private static func record(_ old: Item?, _ new: Item?, _ table: Table) -> [UInt8] {
        let key = KeyEncoding.itemKey(table, new ?? old ?? ["pk": .s("")])
        return ChangeRecord(time: Timestamp(seconds: 1), origin: .user, key: key, old: old, new: new)
            .encoded()
    }

    @Test(arguments: [2, 3, 4] as [Int64]) func aMissingRecord(number: Int64) async throws {
        try await Self.expect("has record \(number + 1) where \(number) should be") { transaction, table, _ in
            transaction.delete(.changes, ChangeLog.key(table.id, number))
        }
    }

    @Test func aMissingFirstRecord() async throws {
        try await Self.expect("has record 2 where 1 should be") { transaction, table, _ in
            transaction.delete(.changes, ChangeLog.key(table.id, 1))
        }
    }

    @Test func aMissingLastRecord() async throws {
        try await Self.expect("ends at 4 instead of 5") { transaction, table, _ in
            transaction.delete(.changes, ChangeLog.key(table.id, 5))
        }
    }

    @Test func aRecordBeyondTheCounter() async throws {
        try await Self.expect("ends at 6 instead of 5") { transaction, table, _ in
            transaction.put(.changes, ChangeLog.key(table.id, 6), Self.record(nil, ["pk": .s("x")], table))
        }
    }

    @Test func aTrimmedRecordThatIsStillThere() async throws {
        try await Self.expect("has record 1 where 3 should be") { transaction, table, _ in
            LogState(trimmed: 2, horizon: 2).write(table.id, in: transaction)
        }
    }

    @Test func aStateBeyondTheEnd() async throws {
        try await Self.expect("is trimmed to 0 and old to 9, but ends at 5") { transaction, table, _ in
            LogState(trimmed: 0, horizon: 9).write(table.id, in: transaction)
        }
    }

    @Test func aLogWithoutAState() async throws {
        try await Self.expect("it is not known how far it is trimmed") { transaction, table, _ in
            transaction.delete(.settings, LogState.key(table.id))
        }
    }

    @Test func aDamagedState() async throws {
        try await Self.expect("the state of a change log cannot be read") { transaction, table, _ in
            transaction.put(.settings, LogState.key(table.id), [1, 2, 3])
        }
    }

    @Test func imagesThatDoNotFollow() async throws {
        try await Self.expect("change 4 of table 'hash' does not begin with what the one before it left") {
            transaction, table, _ in
            transaction.put(
                .changes, ChangeLog.key(table.id, 4),
                Self.record(["pk": .s("a"), "w": .null], ["pk": .s("a"), "v": .n(DecimalNumber(1))], table))
        }
    }

    @Test func aRecordThatChangesNothing() async throws {
        try await Self.expect("change 2 of table 'hash' changes nothing") { transaction, table, _ in
            let item: Item = ["pk": .s("b")]
            transaction.put(.changes, ChangeLog.key(table.id, 2), Self.record(item, item, table))
        }
    }

    @Test func anItemChangedWithoutARecord() async throws {
        try await Self.expect("of table 'hash' is not what its last change left") { transaction, table, _ in
            let item: Item = ["pk": .s("b"), "v": .null]
            transaction.put(.items, KeyEncoding.itemKey(table, item), item.encoded())
        }
    }

    @Test func anItemDeletedWithoutARecord() async throws {
        try await Self.expect("of table 'hash' is not what its last change left") { transaction, table, _ in
            transaction.delete(.items, KeyEncoding.itemKey(table, ["pk": .s("b")]))
        }
    }

    @Test func aHoleBetweenShards() async throws {
        try await Self.expect("does not begin where the one before it ends") { transaction, _, stream in
            var stream = stream
            stream.shards[0].last = 3
            stream.write(in: transaction)
        }
    }

    @Test func aShardThatIsClosedThoughItsStreamIsOn() async throws {
        try await Self.expect("is on, but its last shard is not") { transaction, _, stream in
            var stream = stream
            stream.shards[1].last = 5
            stream.write(in: transaction)
        }
    }

    @Test func aShardThatIsOpenThoughItsStreamIsOff() async throws {
        try await Self.expect("is off, but its last shard is not") { transaction, _, stream in
            var stream = stream
            stream.closed = transaction.now
            stream.write(in: transaction)
        }
    }

    @Test func aMissingStream() async throws {
        try await Self.expect("has the stream '2023-11-14T22:13:20.000', which is not there") {
            transaction, _, stream in
            transaction.delete(.settings, stream.key)
        }
    }

    @Test func aStreamThatNoTableHas() async throws {
        try await Self.expect("is on, but no table has it") { transaction, table, _ in
            transaction.put(
                .settings, Catalog.key(table.name), table.with { $0.stream = nil }.definition.stored.encoded()
            )
        }
    }

    @Test func aDamagedStream() async throws {
        try await Self.expect("the entry of a stream cannot be read") { transaction, _, stream in
            transaction.put(.settings, stream.key, Array("{}".utf8))
        }
    }

    @Test func aMissingIteratorKey() async throws {
        try await Self.expect("no key for their iterators") { transaction, _, _ in
            transaction.delete(.settings, IteratorKey.storedKey)
        }
    }

    /// What was logged for recovery alone need not fit together: it may have been off in between.
    @Test func changesWhileNothingWasLoggedAreNoFault() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.streamed())
            for value in 1...4 {
                try await tables.call(
                    "PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"a"},"v":{"N":"\#(value)"}}}"#)
                try await tables.turnStream(value % 2 == 1 ? nil : "NEW_IMAGE")
                #expect(try VerificationTests.problems(tables) == [])
            }
            #expect(try VerificationTests.problems(tables) == [])
        }
    }
}

import Clock
import Store
import Testing

@testable import Expressions
@testable import Tables

@Suite struct ChangeLogTests {
    static func log(_ name: String, _ tables: TestTables) async throws {
        try await tables.turnStream("NEW_IMAGE", name)
    }

    static func records(_ tables: TestTables, _ name: String = "hash") throws -> [(Int64, ChangeRecord)] {
        let id = tables.service.environment.catalog.find(name)?.id ?? 0
        var found: [(Int64, ChangeRecord)] = []
        try tables.store.read { snapshot in
            try ChangeLog.scan(id, from: 1, snapshot) { number, record in
                found.append((number, record))
                return true
            }
        }
        return found
    }

    @Test func aRecordReadsBackAsItWas() throws {
        let item: Item = ["pk": .s("a"), "b": .b([0, 255])]
        let images: [(Item?, Item?)] = [(nil, item), (item, nil), (item, item)]
        for (old, new) in images {
            let record = ChangeRecord(
                time: Timestamp(milliseconds: 1_700_000_000_123), origin: .timeToLive, key: [1, 0, 2],
                old: old, new: new)
            #expect(try ChangeRecord(decoding: record.encoded()) == record)
        }
        let bytes = ChangeRecord(
            time: Timestamp(milliseconds: 1), origin: .user, key: [9], old: nil, new: item
        ).encoded()
        for length in 0..<bytes.count {
            #expect(throws: (any Error).self) { try ChangeRecord(decoding: Array(bytes[..<length])) }
        }
        #expect(throws: (any Error).self) { try ChangeRecord(decoding: bytes + [0]) }
    }

    @Test func eachChangeIsLoggedOnceWithoutGapsAndNothingElse() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await tables.call("PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"before"}}}"#)
            try await Self.log("hash", tables)
            let put = #"{"TableName":"hash","Item":{"pk":{"S":"a"},"v":{"N":"1"}}}"#
            try await tables.call("PutItem", put)
            try await tables.call("PutItem", put)
            try await tables.call(
                "PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"a"},"v":{"N":"2"}}}"#)
            _ = await tables.fault(
                "PutItem",
                #"{"TableName":"hash","Item":{"pk":{"S":"a"}},"ConditionExpression":"v = :x","#
                    + #""ExpressionAttributeValues":{":x":{"N":"9"}}}"#)
            try await tables.call("DeleteItem", #"{"TableName":"hash","Key":{"pk":{"S":"none"}}}"#)
            try await tables.call("DeleteItem", #"{"TableName":"hash","Key":{"pk":{"S":"a"}}}"#)
            let records = try Self.records(tables)
            #expect(records.map(\.0) == [1, 2, 3])
            #expect(records.map { $0.1.old == nil } == [true, false, false])
            #expect(records.map { $0.1.new == nil } == [false, false, true])
            #expect(records[1].1.new?["v"] == records[2].1.old?["v"])
        }
    }
}

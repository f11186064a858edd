import JSON
import Testing

@testable import Expressions
@testable import Tables

/// Requests of the usual form, whose plans are made without a tree.
@Suite struct PlainRequestTests {
    private static func isPlain<Operation: TableOperation>(
        _ operation: Operation.Type, _ text: String, _ tables: TestTables
    ) -> Bool {
        operation.plainPlan(Array(text.utf8), tables.service.environment) != nil
    }

    @Test func theUsualGetItemIsPlain() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.range("N"))
            for text in [
                #"{"TableName":"range","Key":{"pk":{"S":"a"},"sk":{"N":"1"}}}"#,
                #"{"ConsistentRead":true,"Key":{"sk":{"N":"1.5"},"pk":{"S":"a"}},"TableName":"range"}"#,
            ] { #expect(Self.isPlain(GetItem.self, text, tables), "\(text)") }
        }
    }

    @Test func aPlainGetItemPlansWhatAnyOtherDoes() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.range("N"))
            let text = #"{"TableName":"range","Key":{"sk":{"N":"-1.50"},"pk":{"S":"a\u0000b"}}}"#
            let environment = tables.service.environment
            let plain = try #require(GetItem.plainPlan(Array(text.utf8), environment))
            let input = InputReader(try JSONValue.parse(text).object ?? [:])
            let other = try GetItem(input).validate(environment)
            #expect(plain.key == other.key)
            #expect(plain.table === other.table)
            #expect(!plain.isConsistent && plain.projection == nil && plain.level == .none)
        }
    }

    /// What is more than plain, or wrong, is left to the way that knows all parameters and all errors.
    @Test(arguments: [
        #"{"TableName":"range","Key":{"pk":{"S":"a"}}}"#,
        #"{"TableName":"range","Key":{"pk":{"S":"a"},"sk":{"S":"1"}}}"#,
        #"{"TableName":"range","Key":{"pk":{"S":""},"sk":{"N":"1"}}}"#,
        #"{"TableName":"range","Key":{"pk":{"S":"a"},"sk":{"N":"1"},"x":{"S":"y"}}}"#,
        #"{"TableName":"range","Key":{"pk":{"S":"a"},"pk":{"S":"a"}}}"#,
        #"{"TableName":"other","Key":{"pk":{"S":"a"},"sk":{"N":"1"}}}"#,
        #"{"TableName":"range","Key":{"pk":{"S":"a"},"sk":{"N":"1"}},"ReturnConsumedCapacity":"TOTAL"}"#,
        #"{"TableName":"range","Key":{"pk":{"S":"a"},"sk":{"N":"1"}},"ConsistentRead":"yes"}"#,
        #"{"TableName":"range","TableName":"range","Key":{"pk":{"S":"a"},"sk":{"N":"1"}}}"#,
        #"{"TableName":"range"}"#, #"{"Key":{"pk":{"S":"a"},"sk":{"N":"1"}}}"#, "{}", "", "[]",
        #"{"TableName":"range","Key":{"pk":{"S":"a"},"sk":{"N":"1"}}} x"#,
    ])
    func whatIsNoPlainGetItem(_ text: String) async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.range("N"))
            #expect(!Self.isPlain(GetItem.self, text, tables))
        }
    }

    /// U+212A, the sign of kelvins, is canonically a K.
    @Test func namesOfTablesAreComparedByTheirBytes() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.range("N", name: "Kept"))
            for (name, isPlain) in [("Kept", true), ("\u{212A}ept", false), (#"\u212Aept"#, false)] {
                let key = #"{"pk":{"S":"a"},"sk":{"N":"1"}}"#
                let get = #"{"TableName":"\#(name)","Key":\#(key)}"#
                let put = #"{"TableName":"\#(name)","Item":\#(key)}"#
                #expect(Self.isPlain(GetItem.self, get, tables) == isPlain, "\(get)")
                #expect(Self.isPlain(PutItem.self, put, tables) == isPlain, "\(put)")
            }
        }
    }

    @Test func keysBeyondTheirLimitsAreNotPlain() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            func get(_ count: Int) -> String {
                #"{"TableName":"hash","Key":{"pk":{"S":"\#(String(repeating: "x", count: count))"}}}"#
            }
            #expect(Self.isPlain(GetItem.self, get(2048), tables))
            #expect(!Self.isPlain(GetItem.self, get(2049), tables))
        }
    }

    @Test func anItemAndNothingElseIsAPlainPutItem() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.indexed)
            func put(_ item: String, _ more: String = "") -> String {
                #"{"TableName":"indexed","Item":{\#(item)}\#(more)}"#
            }
            let key = #""sk":{"S":"b"},"pk":{"S":"a"}"#
            #expect(Self.isPlain(PutItem.self, put(key), tables))
            #expect(Self.isPlain(PutItem.self, put(key + #","n":{"N":"1"},"l":{"L":[]}"#), tables))
            for text in [
                put(#""pk":{"S":"a"}"#), put(key + #","n":{"S":"1"}"#), put(key + #","g":{"S":""}"#),
                put(key, #","ReturnValues":"NONE""#), put(key, #","ConditionExpression":"pk = pk""#),
                put(key + #","big":{"S":"\#(String(repeating: "x", count: 409_600))"}"#),
            ] { #expect(!Self.isPlain(PutItem.self, text, tables), "\(text.prefix(100))") }
        }
    }
}

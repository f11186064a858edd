import JSON
import Testing

@testable import Tables

@Suite struct BatchWriteItemTests {
    static func puts(_ range: Range<Int>) -> String {
        let list = range.map { #"{"PutRequest":{"Item":{"pk":{"S":"\#($0)"}}}}"# }
        return #"{"RequestItems":{"hash":[\#(list.joined(separator: ","))]}}"#
    }

    @Test func writesSeveralTables() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await tables.call("CreateTable", Schemas.range("N"))
            try await tables.call("PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"old"}}}"#)
            let output = try await tables.call(
                "BatchWriteItem",
                #"{"RequestItems":{"hash":[{"PutRequest":{"Item":{"pk":{"S":"a"}}}},"#
                    + #"{"DeleteRequest":{"Key":{"pk":{"S":"old"}}}}],"#
                    + #""range":[{"PutRequest":{"Item":{"pk":{"S":"a"},"sk":{"N":"1"}}}}]},"#
                    + #""ReturnConsumedCapacity":"TOTAL"}"#
            )
            try expectJSON(
                output,
                #"{"UnprocessedItems":{},"ConsumedCapacity":[{"TableName":"hash","CapacityUnits":2.0},"#
                    + #"{"TableName":"range","CapacityUnits":1.0}]}"#)
            #expect(ScanTests.names(try await tables.call("Scan", #"{"TableName":"hash"}"#)) == ["a"])
            #expect(try await tables.call("Scan", #"{"TableName":"range"}"#)["Count"] == 1)
        }
    }

    static let faults: [(String, String)] = [
        (
            "{}",
            "1 validation error detected: Value null at 'requestItems' failed to satisfy constraint: "
                + "Member must not be null"
        ),
        (#"{"RequestItems":{}}"#, "The requestItems parameter is required for BatchWriteItem"),
        (
            #"{"RequestItems":{"hash":[{"PutRequest":{"Item":{"pk":{"S":"a"}}}},"#
                + #"{"DeleteRequest":{"Key":{"pk":{"S":"a"}}}}]}}"#,
            "Provided list of item keys contains duplicates"
        ),
        (
            #"{"RequestItems":{"hash":[{"PutRequest":{"Item":{"pk":{"S":"a"}}}},"#
                + #"{"PutRequest":{"Item":{"pk":{"N":"1"}}}}]}}"#,
            "The provided key element does not match the schema"
        ),
        (
            #"{"RequestItems":{"hash":[{"PutRequest":{"Item":{"pk":{"S":"a"}}}},"#
                + #"{"PutRequest":{"Item":{"a":{"N":"1"}}}}]}}"#,
            "The provided key element does not match the schema"
        ),
        (
            #"{"RequestItems":{"hash":[{"PutRequest":{"Item":{"pk":{"S":"a"}}}},"#
                + #"{"PutRequest":{"Item":{"pk":{"S":""}}}}]}}"#,
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
                + "contain an empty string value. Key: pk"
        ),
    ]

    @Test(arguments: faults) func nothingIsWrittenWhenAnythingIsWrong(_ input: String, _ expected: String)
        async throws
    {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            #expect(await tables.fault("BatchWriteItem", input) == "ValidationException: \(expected)")
            #expect(try await tables.call("Scan", #"{"TableName":"hash"}"#)["Count"] == 0)
        }
    }

    @Test func atMost25() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try expectJSON(
                try await tables.call("BatchWriteItem", Self.puts(0..<25)), #"{"UnprocessedItems":{}}"#)
            let fault = await tables.fault("BatchWriteItem", Self.puts(0..<26))
            #expect(fault.hasPrefix(#"ValidationException: 1 validation error detected: Value '{"hash":"#))
            #expect(
                fault.hasSuffix(
                    "at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: "
                        + "[Member must have length less than or equal to 25, Member must have length "
                        + "greater than or equal to 1]"
                ))
            #expect(
                await tables.fault(
                    "BatchWriteItem",
                    #"{"RequestItems":{"none":[{"DeleteRequest":{"Key":{"a":{"S":"b"}}}}]}}"#)
                    == "ResourceNotFoundException: Requested resource not found")
        }
    }
}

@Suite struct BatchGetItemTests {
    static func get(_ keys: [String], _ more: String = "") -> String {
        let list = keys.map { #"{"pk":{"S":"\#($0)"}}"# }.joined(separator: ",")
        return #"{"RequestItems":{"hash":{"Keys":[\#(list)]\#(more)}}}"#
    }

    @Test func reads() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await tables.call("PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"a"},"v":{"N":"1"}}}"#)
            let input = Self.get(["a", "gone"]).dropLast() + #","ReturnConsumedCapacity":"TOTAL"}"#
            try expectJSON(
                try await tables.call("BatchGetItem", String(input)),
                #"{"Responses":{"hash":[{"pk":{"S":"a"},"v":{"N":"1"}}]},"UnprocessedKeys":{},"#
                    + #""ConsumedCapacity":[{"TableName":"hash","CapacityUnits":1.0}]}"#)
            try expectJSON(
                try await tables.call("BatchGetItem", Self.get(["gone"])),
                #"{"Responses":{"hash":[]},"UnprocessedKeys":{}}"#)
            try expectJSON(
                try await tables.call("BatchGetItem", Self.get(["a"], #","ProjectionExpression":"v""#)),
                #"{"Responses":{"hash":[{"v":{"N":"1"}}]},"UnprocessedKeys":{}}"#)
        }
    }

    @Test func faults() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            #expect(
                await tables.fault("BatchGetItem", Self.get(["a", "a"]))
                    == "ValidationException: Provided list of item keys contains duplicates")
            #expect(
                await tables.fault("BatchGetItem", Self.get((0..<101).map(String.init)))
                    == "ValidationException: 1 validation error detected: Value at "
                    + "'RequestItems.hash.member.Keys' failed to satisfy constraint: Member must have "
                    + "length less than or equal to 100")
            #expect(
                await tables.fault("BatchGetItem", #"{"RequestItems":{}}"#)
                    == "ValidationException: The requestItems parameter is required for BatchGetItem")
            #expect(
                await tables.fault("BatchGetItem", #"{"RequestItems":{"hash":{"Keys":[{"x":{"S":"a"}}]}}}"#)
                    == "ValidationException: The provided key element does not match the schema")
        }
    }

    @Test func numbersWrittenDifferentlyAreOneItem() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.range("N"))
            try await tables.call("PutItem", #"{"TableName":"range","Item":{"pk":{"S":"a"},"sk":{"N":"1"}}}"#)
            let output = try await tables.call(
                "BatchGetItem",
                #"{"RequestItems":{"range":{"Keys":[{"pk":{"S":"a"},"sk":{"N":"1"}},{"pk":{"S":"a"},"#
                    + #""sk":{"N":"1.0"}}]}}}"#
            )
            #expect(output["Responses"]?["range"]?.array?.count == 1)
        }
    }

    @Test func whatDoesNotFitComesBack() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            let large = String(repeating: "x", count: 400_000)
            for number in 0..<50 {
                try await tables.call(
                    "PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"\#(number)"},"v":{"S":"\#(large)"}}}"#
                )
            }
            let output = try await tables.call(
                "BatchGetItem", Self.get((0..<50).map(String.init), #","ConsistentRead":true"#))
            let found = output["Responses"]?["hash"]?.array?.count ?? 0
            let left = output["UnprocessedKeys"]?["hash"]
            #expect(found == 41)
            #expect(left?["Keys"]?.array?.count == 50 - found)
            #expect(left?["ConsistentRead"] == true)
        }
    }
}

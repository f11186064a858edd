import JSON
import Testing

@testable import Tables

@Suite struct GetItemTests {
    @Test func reads() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.range("N"))
            try await tables.call(
                "PutItem",
                #"{"TableName":"range","Item":{"pk":{"S":"a"},"sk":{"N":"1.0"},"#
                    + #""m":{"M":{"x":{"S":"y"},"z":{"N":"1"}}}}}"#)
            func get(_ more: String) async throws -> JSONValue {
                try await tables.call(
                    "GetItem", #"{"TableName":"range","Key":{"pk":{"S":"a"},"sk":{"N":"1"}}\#(more)}"#)
            }
            // 1.0 and 1 are the same key.
            try expectJSON(
                try await get(""),
                #"{"Item":{"pk":{"S":"a"},"sk":{"N":"1"},"m":{"M":{"x":{"S":"y"},"z":{"N":"1"}}}}}"#)
            try expectJSON(
                try await get(#","ProjectionExpression":"m.x, pk""#),
                #"{"Item":{"pk":{"S":"a"},"m":{"M":{"x":{"S":"y"}}}}}"#)
            try expectJSON(try await get(#","ProjectionExpression":"nothing""#), #"{"Item":{}}"#)
            try expectJSON(
                try await tables.call(
                    "GetItem", #"{"TableName":"range","Key":{"pk":{"S":"b"},"sk":{"N":"1"}}}"#), "{}")
        }
    }

    @Test func capacity() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await tables.call(
                "PutItem",
                #"{"TableName":"hash","Item":{"pk":{"S":"a"},"#
                    + #""v":{"S":"\#(String(repeating: "x", count: 5000))"}}}"#
            )
            func units(_ key: String, _ more: String) async throws -> Double? {
                try await tables.call(
                    "GetItem",
                    #"{"TableName":"hash","Key":{"pk":{"S":"\#(key)"}},"#
                        + #""ReturnConsumedCapacity":"TOTAL"\#(more)}"#
                )[
                    "ConsumedCapacity"]?["CapacityUnits"]?.double
            }
            #expect(try await units("a", "") == 1.0)
            #expect(try await units("a", #","ConsistentRead":true"#) == 2.0)
            #expect(try await units("a", #","ProjectionExpression":"pk""#) == 1.0)
            #expect(try await units("b", "") == 0.5)
            #expect(try await units("b", #","ConsistentRead":true"#) == 1.0)
        }
    }

    static let faults: [(String, String)] = [
        (#"{"pk":{"S":"a"}}"#, "The provided key element does not match the schema"),
        (#"{"pk":{"S":"a"},"sk":{"S":"1"}}"#, "The provided key element does not match the schema"),
        (
            #"{"pk":{"S":"a"},"sk":{"N":"1"},"x":{"S":"a"}}"#,
            "The provided key element does not match the schema"
        ),
        (#"{"pk":{"S":"a"},"x":{"N":"1"}}"#, "The provided key element does not match the schema"),
        (
            #"{"pk":{"S":""},"sk":{"N":"1"}}"#,
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
                + "contain an empty string value. Key: pk"
        ),
        (#"{"pk":{"S":"a"},"sk":{"N":"x"}}"#, "The parameter cannot be converted to a numeric value: x"),
    ]

    @Test(arguments: faults) func fault(_ key: String, _ expected: String) async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.range("N"))
            #expect(
                await tables.fault("GetItem", #"{"TableName":"range","Key":\#(key)}"#)
                    == "ValidationException: \(expected)")
        }
    }

    @Test func requestFaults() async throws {
        try await withTables { tables in
            #expect(
                await tables.fault("GetItem", #"{"TableName":"none","Key":{"pk":{"S":"a"}}}"#)
                    == "ResourceNotFoundException: Requested resource not found")
            #expect(
                await tables.fault(
                    "GetItem", #"{"TableName":"none","Key":{"pk":{"S":"a"}},"ProjectionExpression":"name"}"#)
                    == "ValidationException: Invalid ProjectionExpression: Attribute name is a reserved "
                    + "keyword; reserved keyword: name")
            #expect(
                await tables.fault(
                    "GetItem", #"{"TableName":"none","Key":{"pk":{"S":"a"}},"AttributesToGet":["a","a"]}"#)
                    == "ValidationException: One or more parameter values were invalid: Duplicate value in "
                    + "attribute name: a")
        }
    }
}

@Suite struct DeleteItemTests {
    @Test func deletes() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await tables.call("PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"a"},"v":{"N":"1"}}}"#)
            #expect(
                await tables.fault(
                    "DeleteItem",
                    #"{"TableName":"hash","Key":{"pk":{"S":"a"}},"ConditionExpression":"v = :v","#
                        + #""ExpressionAttributeValues":{":v":{"N":"2"}}}"#)
                    == "ConditionalCheckFailedException: The conditional request failed")
            let delete = #"{"TableName":"hash","Key":{"pk":{"S":"a"}},"ReturnValues":"ALL_OLD"}"#
            try expectJSON(
                try await tables.call("DeleteItem", delete), #"{"Attributes":{"pk":{"S":"a"},"v":{"N":"1"}}}"#
            )
            try expectJSON(try await tables.call("DeleteItem", delete), "{}")
            try expectJSON(
                try await tables.call(
                    "DeleteItem",
                    #"{"TableName":"hash","Key":{"pk":{"S":"a"}},"ReturnConsumedCapacity":"TOTAL"}"#),
                #"{"ConsumedCapacity":{"TableName":"hash","CapacityUnits":1.0}}"#)
        }
    }

    @Test func faults() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            #expect(
                await tables.fault("DeleteItem", #"{"TableName":"hash","Key":{"x":{"S":"a"}}}"#)
                    == "ValidationException: The provided key element does not match the schema")
            #expect(
                await tables.fault(
                    "DeleteItem", #"{"TableName":"hash","Key":{"pk":{"S":"a"}},"ReturnValues":"UPDATED_OLD"}"#
                )
                    == "ValidationException: \(Wording.prefix)ReturnValues can only be ALL_OLD or NONE")
        }
    }
}

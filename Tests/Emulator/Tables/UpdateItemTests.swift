import JSON
import Testing

@testable import Tables

@Suite struct UpdateItemTests {
    static func update(_ expression: String?, _ more: String = "", key: String = "a") -> String {
        let update = expression.map { #","UpdateExpression":"\#($0)""# } ?? ""
        return #"{"TableName":"hash","Key":{"pk":{"S":"\#(key)"}}\#(update)\#(more)}"#
    }

    @Test func returnValues() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            func run(_ mode: String, _ expression: String, _ values: String = "") async throws -> JSONValue {
                try await tables.call(
                    "PutItem",
                    #"{"TableName":"hash","Item":{"pk":{"S":"a"},"n":{"N":"1"},"m":{"M":{"x":{"S":"1"},"#
                        + #""y":{"S":"2"}}},"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"}]}}}"#)
                return try await tables.call(
                    "UpdateItem", Self.update(expression, #","ReturnValues":"\#(mode)"\#(values)"#))
            }
            let one = #","ExpressionAttributeValues":{":v":{"N":"5"}}"#
            try expectJSON(try await run("NONE", "SET n = :v", one), "{}")
            try expectJSON(
                try await run("UPDATED_NEW", "SET n = n + :v", one), #"{"Attributes":{"n":{"N":"6"}}}"#)
            try expectJSON(
                try await run("UPDATED_OLD", "SET n = n + :v", one), #"{"Attributes":{"n":{"N":"1"}}}"#)
            try expectJSON(
                try await run("UPDATED_NEW", "SET m.x = :v", one),
                #"{"Attributes":{"m":{"M":{"x":{"N":"5"}}}}}"#)
            try expectJSON(try await run("UPDATED_NEW", "REMOVE n"), "{}")
            try expectJSON(try await run("UPDATED_OLD", "REMOVE n"), #"{"Attributes":{"n":{"N":"1"}}}"#)
            try expectJSON(try await run("UPDATED_OLD", "SET q = :v", one), "{}")
            try expectJSON(try await run("UPDATED_NEW", "SET l[100] = :v", one), "{}")
            try expectJSON(
                try await run("UPDATED_NEW", "REMOVE l[1]"), #"{"Attributes":{"l":{"L":[{"N":"2"}]}}}"#)
            let all = try await run("ALL_OLD", "SET n = :v", one)
            #expect(all["Attributes"]?["n"]?["N"] == "1")
            #expect(all["Attributes"]?["pk"]?["S"] == "a")
            let new = try await run("ALL_NEW", "SET n = :v REMOVE m, l", one)
            try expectJSON(new, #"{"Attributes":{"pk":{"S":"a"},"n":{"N":"5"}}}"#)
        }
    }

    /// Each update copies an attribute into itself: the item would grow without bound.
    @Test(arguments: ["SET a.x = a", "SET a.x.x = a"])
    func nestingIsBounded(_ expression: String) async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await tables.call(
                "PutItem",
                #"{"TableName":"hash","Item":{"pk":{"S":"a"},"a":{"M":{"x":{"M":{"x":{"M":{}}}}}}}}"#)
            var refusal: String?
            for _ in 0..<40 where refusal == nil {
                do {
                    try await tables.call("UpdateItem", Self.update(expression))
                } catch { refusal = "\(error)" }
            }
            #expect(try #require(refusal).contains("Nesting Levels have exceeded supported limits"))
            _ = try await tables.call("GetItem", #"{"TableName":"hash","Key":{"pk":{"S":"a"}}}"#)
        }
    }

    @Test func createsItems() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try expectJSON(try await tables.call("UpdateItem", Self.update(nil)), "{}")
            try expectJSON(
                try await tables.call("GetItem", #"{"TableName":"hash","Key":{"pk":{"S":"a"}}}"#),
                #"{"Item":{"pk":{"S":"a"}}}"#)
            try expectJSON(
                try await tables.call(
                    "UpdateItem", Self.update("REMOVE x", #","ReturnValues":"ALL_NEW""#, key: "b")),
                "{}")
            try expectJSON(
                try await tables.call("GetItem", #"{"TableName":"hash","Key":{"pk":{"S":"b"}}}"#), "{}")
            try expectJSON(
                try await tables.call(
                    "UpdateItem",
                    Self.update(
                        "ADD n :v",
                        #","ExpressionAttributeValues":{":v":{"N":"3"}},"ReturnValues":"ALL_OLD""#,
                        key: "b")), "{}")
            try expectJSON(
                try await tables.call("GetItem", #"{"TableName":"hash","Key":{"pk":{"S":"b"}}}"#),
                #"{"Item":{"pk":{"S":"b"},"n":{"N":"3"}}}"#)
        }
    }

    static let faults: [(String, String)] = [
        (
            update("SET pk = :v", #","ExpressionAttributeValues":{":v":{"S":"x"}}"#),
            "One or more parameter values were invalid: Cannot update attribute pk. This attribute is "
                + "part of the key"
        ),
        (
            update("SET x = x + :v", #","ExpressionAttributeValues":{":v":{"N":"1"}}"#),
            "The provided expression refers to an attribute that does not exist in the item"
        ),
        (
            update("SET x.y = :v", #","ExpressionAttributeValues":{":v":{"N":"1"}}"#),
            "The document path provided in the update expression is invalid for update"
        ),
        (
            update("SET x = :v"),
            Wording.prefix
                + "Invalid UpdateExpression: An expression attribute value used in expression is not "
                + "defined; attribute value: :v"
        ),
        (
            update(nil, #","ExpressionAttributeValues":{":v":{"N":"1"}}"#),
            Wording.prefix + "ExpressionAttributeValues can only be specified when using expressions"
        ),
        (
            update("SET x = :v", #","ExpressionAttributeValues":{":v":{"N":"1"}},"ReturnValues":"ALL""#),
            Wording.prefix
                + "Value 'ALL' at 'returnValues' Failed to satisfy constraint: Member must satisfy enum value "
                + "set: [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
        ),
        (
            update(nil, #","AttributeUpdates":{"a":{"Action":"ADD"}}"#),
            Wording.prefix
                + "One or more parameter values were invalid: Only DELETE action is allowed when no "
                + "attribute value is specified"
        ),
        (
            update("SET n = n + :v", #","ExpressionAttributeValues":{":v":{"N":"1e-37"}}"#, key: "big"),
            "Number overflow. Attempting to store a number with magnitude larger than supported range"
        ),
    ]

    @Test(arguments: faults) func fault(_ input: String, _ expected: String) async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await tables.call("PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"a"},"n":{"N":"1"}}}"#)
            try await tables.call(
                "PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"big"},"n":{"N":"11"}}}"#)
            #expect(await tables.fault("UpdateItem", input) == "ValidationException: \(expected)")
        }
    }

    @Test func indexKeys() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.indexed)
            func update(_ value: String) async -> String {
                await tables.fault(
                    "UpdateItem",
                    #"{"TableName":"indexed","Key":{"pk":{"S":"a"},"sk":{"S":"b"}},"#
                        + #""UpdateExpression":"SET g = :g","ExpressionAttributeValues":{":g":\#(value)}}"#)
            }
            #expect(
                await update(#"{"N":"1"}"#)
                    == "ValidationException: The update expression attempted to update the secondary "
                    + "index key to unsupported type")
            #expect(await update(#"{"S":""}"#).contains("cannot contain an empty string value"))
            #expect(await update(#"{"S":"x"}"#) == "no error: {}")
        }
    }

    @Test func conditionsSeeTheOldItem() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            let claim = Self.update(
                "SET v = :one",
                #","ConditionExpression":"v <> :one","ExpressionAttributeValues":{":one":{"N":"1"}}"#)
            // `<>` holds for an item that does not exist.
            try await tables.call("UpdateItem", claim)
            #expect(
                await tables.fault("UpdateItem", claim)
                    == "ConditionalCheckFailedException: The conditional request failed")
        }
    }

    /// Increments from many tasks at once lose nothing.
    @Test func parallelIncrements() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            let increment = Self.update("ADD n :one", #","ExpressionAttributeValues":{":one":{"N":"1"}}"#)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<1000 { group.addTask { try await tables.call("UpdateItem", increment) } }
                try await group.waitForAll()
            }
            let item = try await tables.call("GetItem", #"{"TableName":"hash","Key":{"pk":{"S":"a"}}}"#)
            #expect(item["Item"]?["n"]?["N"] == "1000")
        }
    }

    @Test func exactDecimals() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            func add(_ number: String) async throws -> JSONValue? {
                try await tables.call(
                    "UpdateItem",
                    Self.update(
                        "ADD n :v",
                        #","ExpressionAttributeValues":{":v":{"N":"\#(number)"}},"#
                            + #""ReturnValues":"UPDATED_NEW""#
                    ))[
                        "Attributes"]?["n"]?["N"]
            }
            #expect(try await add("0.1") == "0.1")
            #expect(try await add("0.2") == "0.3")
            #expect(
                try await add("12345678901234567890123456789012345")
                    == "12345678901234567890123456789012345.3")
            #expect(try await add("-12345678901234567890123456789012345.3") == "0")
        }
    }
}

import JSON
import Testing

@testable import Tables

@Suite struct PutItemTests {
    /// Members of a request to table `hash`, and what AWS answers.
    static let faults: [(String, String)] = [
        (
            "{}",
            "2 validation errors detected: Value null at 'tableName' failed to satisfy constraint: "
                + "Member must not be null; Value null at 'item' failed to satisfy constraint: Member must "
                + "not be null"
        ),
        (
            #"{"TableName":"hash","Item":{},"ReturnValues":"X","ReturnConsumedCapacity":"Y"}"#,
            "2 validation errors detected: Value 'Y' at 'returnConsumedCapacity' failed to satisfy "
                + "constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]; Value 'X' at "
                + "'returnValues' Failed to satisfy constraint: Member must satisfy enum value set: "
                + "[ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
        ),
        (
            #"{"TableName":"hash","Item":{"pk":{}}}"#,
            Wording.prefix
                + "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
        ),
        (
            #"{"TableName":"hash","Item":{"pk":{"S":"a"}},"ReturnValues":"ALL_NEW"}"#,
            Wording.prefix + "ReturnValues can only be ALL_OLD or NONE"
        ),
        (
            #"{"TableName":"hash","Item":{"a":{"S":"a"}}}"#,
            "One or more parameter values were invalid: Missing the key pk in the item"
        ),
        (
            #"{"TableName":"hash","Item":{"pk":{"N":"1"}}}"#,
            "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N"
        ),
        (
            #"{"TableName":"hash","Item":{"pk":{"S":""}}}"#,
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
                + "contain an empty string value. Key: pk"
        ),
        (
            ##"{"TableName":"hash","Item":{"pk":{"S":"a"}},"ExpressionAttributeNames":{"#a":"a"}}"##,
            Wording.prefix + "ExpressionAttributeNames can only be specified when using expressions"
        ),
        (
            #"{"TableName":"hash","Item":{"pk":{"S":"a"}},"ExpressionAttributeValues":{":a":{"S":"a"}}}"#,
            Wording.prefix + "ExpressionAttributeValues can only be specified when using expressions"
        ),
        (
            #"{"TableName":"hash","Item":{"pk":{"S":"a"}},"ConditionExpression":"a=:a","#
                + #""ExpressionAttributeNames":{}}"#,
            Wording.prefix + "ExpressionAttributeNames must not be empty"
        ),
        (
            #"{"TableName":"hash","Item":{"pk":{"S":"a"}},"ConditionExpression":"a=:a","#
                + #""ExpressionAttributeNames":{"a":"a"}}"#,
            Wording.prefix + #"ExpressionAttributeNames contains invalid key: Syntax error; key: "a""#
        ),
        (
            #"{"TableName":"hash","Item":{"pk":{"S":"a"}},"ConditionExpression":"a=:a","#
                + #""ExpressionAttributeValues":{":a":{"N":"x"}}}"#,
            Wording.prefix
                + "ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a "
                + "numeric value: x for key :a"
        ),
        (
            #"{"TableName":"hash","Item":{"pk":{"S":"a"}},"ConditionExpression":"a=:a","#
                + #""ExpressionAttributeValues":{":a":{"N":"1"},":b":{"N":"1"},":c":{"N":"1"}}}"#,
            Wording.prefix
                + "Value provided in ExpressionAttributeValues unused in expressions: keys: {:b, :c}"
        ),
        (
            #"{"TableName":"hash","Item":{"pk":{"S":"a"}},"ConditionExpression":""}"#,
            Wording.prefix + "Invalid ConditionExpression: The expression can not be empty;"
        ),
        (
            #"{"TableName":"hash","Item":{"pk":{"S":"a"}},"ConditionExpression":"attribute_exists(pk.a)"}"#,
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not "
                + "allowed: Key: pk"
        ),
        (
            #"{"TableName":"hash","Item":{"pk":{"S":"a"}},"ConditionExpression":"a=b","Expected":{}}"#,
            Wording.prefix
                + "Can not use both expression and non-expression parameters in the same request: Non-expression "
                + "parameters: {Expected} Expression parameters: {ConditionExpression}"
        ),
        (
            #"{"TableName":"hash","Item":{"pk":{"S":"a"}},"Expected":{"a":{"Exists":true}}}"#,
            Wording.prefix
                + "One or more parameter values were invalid: Value must be provided when Exists is true "
                + "for Attribute: a"
        ),
    ]

    @Test(arguments: faults) func fault(_ input: String, _ expected: String) async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            #expect(await tables.fault("PutItem", input) == "ValidationException: \(expected)")
        }
    }

    @Test func typesAreCheckedBeforeConstraints() async throws {
        try await withTables { tables in
            #expect(
                await tables.fault("PutItem", #"{"TableName":"a","Item":{"pk":{"S":1}}}"#)
                    == "SerializationException: NUMBER_VALUE cannot be converted to String")
            // ... and the request as a whole before the table is looked for.
            #expect(
                await tables.fault("PutItem", #"{"TableName":"none","Item":{"a":{"N":"x"}}}"#)
                    == "ValidationException: \(Wording.prefix)The parameter cannot be converted to a numeric value: x"
            )
            #expect(
                await tables.fault("PutItem", #"{"TableName":"none","Item":{"a":{"S":"x"}}}"#)
                    == "ResourceNotFoundException: Requested resource not found")
        }
    }

    @Test func replacesTheWholeItem() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try expectJSON(
                try await tables.call(
                    "PutItem",
                    #"{"TableName":"hash","Item":{"pk":{"S":"a"},"x":{"N":"1.50"}},"ReturnValues":"ALL_OLD"}"#
                ), "{}")
            try expectJSON(
                try await tables.call(
                    "PutItem",
                    #"{"TableName":"hash","Item":{"pk":{"S":"a"},"y":{"N":"2"}},"ReturnValues":"ALL_OLD"}"#),
                #"{"Attributes":{"pk":{"S":"a"},"x":{"N":"1.5"}}}"#)
            try expectJSON(
                try await tables.call("GetItem", #"{"TableName":"hash","Key":{"pk":{"S":"a"}}}"#),
                #"{"Item":{"pk":{"S":"a"},"y":{"N":"2"}}}"#)
        }
    }

    @Test func conditions() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            let create =
                #"{"TableName":"hash","Item":{"pk":{"S":"a"},"v":{"N":"1"}},"#
                + #""ConditionExpression":"attribute_not_exists(pk)"}"#
            try await tables.call("PutItem", create)
            #expect(
                await tables.fault("PutItem", create)
                    == "ConditionalCheckFailedException: The conditional request failed")
            let verbose = create.dropLast() + #","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}"#
            let error = try #require(await tables.awsError("PutItem", String(verbose)))
            #expect(error.status == 400)
            try expectJSON(.object(error.members), #"{"Item":{"pk":{"S":"a"},"v":{"N":"1"}}}"#)
            // With no item there is none to show.
            let absent = try #require(
                await tables.awsError(
                    "PutItem",
                    #"{"TableName":"hash","Item":{"pk":{"S":"b"}},"#
                        + #""ConditionExpression":"attribute_exists(pk)","#
                        + #""ReturnValuesOnConditionCheckFailure":"ALL_OLD"}"#))
            #expect(absent.members.isEmpty)
        }
    }

    @Test func itemSize() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            func put(_ length: Int) -> String {
                #"{"TableName":"hash","Item":{"pk":{"S":"a"},"#
                    + #""v":{"S":"\#(String(repeating: "x", count: length))"}}}"#
            }
            // pk + a + v is 4 bytes.
            try await tables.call("PutItem", put(409_596))
            #expect(
                await tables.fault("PutItem", put(409_597))
                    == "ValidationException: \(Wording.prefix)Item size has exceeded the maximum allowed size"
            )
            #expect(
                await tables.fault(
                    "UpdateItem",
                    #"{"TableName":"hash","Key":{"pk":{"S":"a"}},"UpdateExpression":"SET w = :w","#
                        + #""ExpressionAttributeValues":{":w":{"S":"x"}}}"#)
                    == "ValidationException: Item size to update has exceeded the maximum allowed size")
        }
    }

    @Test func keySizes() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.range("S"))
            func put(_ hash: Int, _ range: Int) async -> String {
                await tables.fault(
                    "PutItem",
                    #"{"TableName":"range","Item":{"pk":{"S":"\#(String(repeating: "x", count: hash))"},"#
                        + #""sk":{"S":"\#(String(repeating: "y", count: range))"}}}"#)
            }
            #expect(await put(2048, 1024) == "no error: {}")
            #expect(
                await put(2049, 1)
                    == "ValidationException: One or more parameter values were invalid: Size of hashkey has "
                    + "exceeded the maximum size limit of2048 bytes")
            #expect(
                await put(1, 1025)
                    == "ValidationException: One or more parameter values were invalid: Aggregated size "
                    + "of all range keys has exceeded the size limit of 1024 bytes")
        }
    }

    @Test func indexKeysAreChecked() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.indexed)
            let text =
                "ValidationException: One or more parameter values were invalid: Type mismatch for Index Key "
            #expect(
                await tables.fault(
                    "PutItem",
                    #"{"TableName":"indexed","Item":{"pk":{"S":"a"},"sk":{"S":"a"},"n":{"S":"1"}}}"#)
                    == text + "n Expected: N Actual: S IndexName: local")
            #expect(
                await tables.fault(
                    "PutItem",
                    #"{"TableName":"indexed","Item":{"pk":{"S":"a"},"sk":{"S":"a"},"b":{"NULL":true}}}"#)
                    == text + "b Expected: B Actual: NULL IndexName: some")
            #expect(
                await tables.fault(
                    "PutItem", #"{"TableName":"indexed","Item":{"pk":{"S":"a"},"sk":{"S":"a"},"b":{"B":""}}}"#
                )
                    == "ValidationException: One or more parameter values are not valid. A value "
                    + "specified for a secondary index key is not supported. The AttributeValue for a key "
                    + "attribute cannot contain an empty binary value. IndexName: some, IndexKey: b")
        }
    }

    @Test func capacity() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.indexed)
            func put(_ attributes: String, _ level: String = "INDEXES") async throws -> JSONValue {
                try await tables.call(
                    "PutItem",
                    #"{"TableName":"indexed","ReturnConsumedCapacity":"\#(level)","#
                        + #""Item":{"pk":{"S":"p"},"sk":{"S":"s"}\#(attributes)}}"#)["ConsumedCapacity"]
                    ?? .null
            }
            try expectJSON(try await put("", "TOTAL"), #"{"TableName":"indexed","CapacityUnits":1.0}"#)
            // Into the indexes all, keys and local.
            try expectJSON(
                try await put(#","g":{"S":"g"},"n":{"N":"1"}"#),
                #"{"TableName":"indexed","CapacityUnits":4.0,"Table":{"CapacityUnits":1.0},"#
                    + #""LocalSecondaryIndexes":{"local":{"CapacityUnits":1.0}},"#
                    + #""GlobalSecondaryIndexes":{"all":{"CapacityUnits":1.0},"keys":{"CapacityUnits":1.0}}}"#
            )
            // An attribute that only `all` projects.
            try expectJSON(
                try await put(#","g":{"S":"g"},"n":{"N":"1"},"y":{"S":"y"}"#),
                #"{"TableName":"indexed","CapacityUnits":2.0,"Table":{"CapacityUnits":1.0},"#
                    + #""GlobalSecondaryIndexes":{"all":{"CapacityUnits":1.0}}}"#)
            // A changed index key is a deletion and a put.
            try expectJSON(
                try await put(#","g":{"S":"h"},"n":{"N":"1"},"y":{"S":"y"}"#),
                #"{"TableName":"indexed","CapacityUnits":5.0,"Table":{"CapacityUnits":1.0},"#
                    + #""GlobalSecondaryIndexes":{"all":{"CapacityUnits":2.0},"keys":{"CapacityUnits":2.0}}}"#
            )
            let large = String(repeating: "z", count: 2000)
            try expectJSON(
                try await put(#","z":{"S":"\#(large)"}"#, "TOTAL"),
                #"{"TableName":"indexed","CapacityUnits":5.0}"#)
            // The larger of old and new counts.
            try expectJSON(try await put("", "TOTAL"), #"{"TableName":"indexed","CapacityUnits":2.0}"#)
        }
    }

    @Test func collectionMetrics() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.indexed)
            try await tables.call("CreateTable", Schemas.hash)
            try expectJSON(
                try await tables.call(
                    "PutItem",
                    #"{"TableName":"indexed","Item":{"pk":{"S":"p"},"sk":{"S":"s"}},"#
                        + #""ReturnItemCollectionMetrics":"SIZE"}"#),
                #"{"ItemCollectionMetrics":{"ItemCollectionKey":{"pk":{"S":"p"}},"#
                    + #""SizeEstimateRangeGB":[0.0,1.0]}}"#
            )
            try expectJSON(
                try await tables.call(
                    "PutItem",
                    #"{"TableName":"hash","Item":{"pk":{"S":"p"}},"ReturnItemCollectionMetrics":"SIZE"}"#),
                "{}")
        }
    }
}

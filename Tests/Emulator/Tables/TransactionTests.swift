import AWSProtocol
import JSON
import Testing

@testable import Tables

@Suite struct TransactWriteItemsTests {
    static func write(_ actions: [String], _ more: String = "") -> String {
        #"{"TransactItems":[\#(actions.joined(separator: ","))]\#(more)}"#
    }

    static func put(_ key: String, _ more: String = "") -> String {
        #"{"Put":{"TableName":"hash","Item":{"pk":{"S":"\#(key)"}}\#(more)}}"#
    }

    static let onlyNew = #","ConditionExpression":"attribute_not_exists(pk)""#

    static func update(_ key: String, _ expression: String, _ values: String) -> String {
        #"{"Update":{"TableName":"hash","Key":{"pk":{"S":"\#(key)"}},"UpdateExpression":"\#(expression)","#
            + #""ExpressionAttributeValues":\#(values)}}"#
    }

    @Test func allOrNothing() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try expectJSON(
                try await tables.call(
                    "TransactWriteItems",
                    Self.write(
                        [Self.put("a"), Self.update("b", "ADD n :n", #"{":n":{"N":"1"}}"#)],
                        #","ReturnConsumedCapacity":"TOTAL""#)),
                #"{"ConsumedCapacity":[{"TableName":"hash","CapacityUnits":4.0,"WriteCapacityUnits":4.0}]}"#)
            let error = try #require(
                await tables.awsError(
                    "TransactWriteItems",
                    Self.write([
                        Self.put("c"), Self.put("a", Self.onlyNew),
                        #"{"ConditionCheck":{"TableName":"hash","Key":{"pk":{"S":"b"}},"#
                            + #""ConditionExpression":"n > :n","#
                            + #""ExpressionAttributeValues":{":n":{"N":"5"}},"#
                            + #""ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}"#,
                        #"{"Delete":{"TableName":"hash","Key":{"pk":{"S":"d"}}}}"#,
                    ])))
            #expect(error.code == "TransactionCanceledException")
            #expect(
                error.message
                    == "Transaction cancelled, please refer cancellation reasons for specific reasons "
                    + "[None, ConditionalCheckFailed, ConditionalCheckFailed, None]")
            try expectJSON(
                .object(error.members),
                #"{"CancellationReasons":[{"Code":"None"},"#
                    + #"{"Code":"ConditionalCheckFailed","Message":"The conditional request failed"},"#
                    + #"{"Code":"ConditionalCheckFailed","Message":"The conditional request failed","#
                    + #""Item":{"pk":{"S":"b"},"n":{"N":"1"}}},{"Code":"None"}]}"#)
            #expect(try await tables.call("Scan", #"{"TableName":"hash"}"#)["Count"] == 2)
        }
    }

    static let faults: [(String, String)] = [
        (
            "{}",
            "1 validation error detected: Value null at 'transactItems' failed to satisfy constraint: "
                + "Member must not be null"
        ),
        (
            write([]),
            "1 validation error detected: Value '[]' at 'transactItems' failed to satisfy "
                + "constraint: Member must have length greater than or equal to 1"
        ),
        (
            write((0...100).map { put("\($0)") }),
            "1 validation error detected: Value '[...]' at 'transactItems' failed to satisfy "
                + "constraint: Member must have length less than or equal to 100"
        ),
        (write([put("a"), put("a")]), "Transaction request cannot include multiple operations on one item"),
        (
            write(["{}"]),
            "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"
        ),
        (
            write([#"{"ConditionCheck":{"TableName":"hash","Key":{"pk":{"S":"a"}}}}"#]),
            "1 validation error detected: Value null at "
                + "'transactItems.1.member.conditionCheck.conditionExpression' failed to satisfy "
                + "constraint: Member must not be null"
        ),
        (
            write([put("")]),
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
                + "contain an empty string value. Key: pk"
        ),
        (
            write([put("a", #","ConditionExpression":"x y""#)]),
            #"Invalid ConditionExpression: Syntax error; token: "y", near: "x y""#
        ),
        (
            write([put("a")], #","ClientRequestToken":"1234567890123456789012345678901234567""#),
            "1 validation error detected: Value '1234567890123456789012345678901234567' at "
                + "'clientRequestToken' failed to satisfy constraint: Member must have length less than or "
                + "equal to 36"
        ),
    ]

    @Test(arguments: faults) func fault(_ input: String, _ expected: String) async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            #expect(await tables.fault("TransactWriteItems", input) == "ValidationException: \(expected)")
        }
    }

    @Test func invalidActionsCancel() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            let error = try #require(
                await tables.awsError(
                    "TransactWriteItems",
                    Self.write([
                        Self.put("ok"),
                        Self.update("a", "SET x = y", "null").replacing(
                            "\"ExpressionAttributeValues\":null", with: ""),
                    ]).replacing(",}}", with: "}}")))
            try expectJSON(
                .object(error.members),
                #"{"CancellationReasons":[{"Code":"None"},{"Code":"ValidationError","Message":"#
                    + #""The provided expression refers to an attribute that does not exist in the item"}]}"#)
            let wrongKey = try #require(
                await tables.awsError(
                    "TransactWriteItems",
                    Self.write([Self.put("ok"), #"{"Delete":{"TableName":"hash","Key":{"pk":{"N":"1"}}}}"#])))
            #expect(
                wrongKey.message
                    == "Transaction cancelled, please refer cancellation reasons for specific reasons "
                    + "[None, ValidationError]")
            #expect(
                await tables.fault(
                    "TransactWriteItems",
                    Self.write([#"{"Delete":{"TableName":"none","Key":{"pk":{"N":"1"}}}}"#]))
                    == "ResourceNotFoundException: Requested resource not found")
        }
    }

    @Test func tokensMakeRequestsIdempotent() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            func add(_ amount: Int, _ token: String) -> String {
                Self.write(
                    [Self.update("a", "ADD n :n", #"{":n":{"N":"\#(amount)"}}"#)],
                    #","ClientRequestToken":"\#(token)","ReturnConsumedCapacity":"TOTAL""#)
            }
            func total() async throws -> JSONValue? {
                try await tables.call("GetItem", #"{"TableName":"hash","Key":{"pk":{"S":"a"}}}"#)["Item"]?[
                    "n"]?["N"]
            }
            try await tables.call("TransactWriteItems", add(1, "one"))
            try expectJSON(
                try await tables.call("TransactWriteItems", add(1, "one")),
                #"{"ConsumedCapacity":[{"TableName":"hash","CapacityUnits":2.0,"ReadCapacityUnits":2.0}]}"#)
            #expect(try await total() == "1")
            #expect(
                await tables.fault("TransactWriteItems", add(2, "one"))
                    == "IdempotentParameterMismatchException")
            try await tables.call("TransactWriteItems", add(1, "two"))
            #expect(try await total() == "2")
            // After ten minutes the token is free again.
            tables.clock.advance(milliseconds: 600_001)
            await tables.service.sweepExpired()
            try await tables.call("TransactWriteItems", add(5, "one"))
            #expect(try await total() == "7")
        }
    }

    /// Transfers between accounts keep the sum, whatever runs at the same time.
    @Test func transfersKeepTheSum() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            for account in 0..<4 {
                try await tables.call(
                    "PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"\#(account)"},"n":{"N":"100"}}}"#)
            }
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let (from, to) = (number % 4, (number + 1 + number % 3) % 4)
                        _ = await tables.fault(
                            "TransactWriteItems",
                            Self.write([
                                Self.update("\(from)", "SET n = n - :n", #"{":n":{"N":"7"}}"#),
                                Self.update("\(to)", "SET n = n + :n", #"{":n":{"N":"7"}}"#),
                            ]))
                    }
                }
                for _ in 0..<50 {
                    group.addTask {
                        let gets = (0..<4).map {
                            #"{"Get":{"TableName":"hash","Key":{"pk":{"S":"\#($0)"}}}}"#
                        }
                        let output = try? await tables.call("TransactGetItems", Self.write(gets))
                        let sum = (output?["Responses"]?.array ?? []).compactMap {
                            $0["Item"]?["n"]?["N"]?.string
                        }
                        .compactMap { Int($0) }.reduce(0, +)
                        #expect(sum == 400)
                    }
                }
            }
        }
    }
}

@Suite struct TransactGetItemsTests {
    static func get(_ keys: [String], _ more: String = "") -> String {
        TransactWriteItemsTests.write(
            keys.map { #"{"Get":{"TableName":"hash","Key":{"pk":\#($0)}}}"# }, more)
    }

    @Test func readsInOrder() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await tables.call("PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"a"}}}"#)
            try expectJSON(
                try await tables.call(
                    "TransactGetItems",
                    Self.get([#"{"S":"b"}"#, #"{"S":"a"}"#], #","ReturnConsumedCapacity":"TOTAL""#)),
                #"{"ConsumedCapacity":[{"TableName":"hash","CapacityUnits":4.0,"ReadCapacityUnits":4.0}],"#
                    + #""Responses":[{},{"Item":{"pk":{"S":"a"}}}]}"#)
        }
    }

    @Test func faults() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            #expect(
                await tables.fault("TransactGetItems", Self.get([#"{"S":"a"}"#, #"{"S":"a"}"#]))
                    == "ValidationException: Transaction request cannot include multiple operations on "
                    + "one item"
            )
            #expect(
                await tables.fault("TransactGetItems", Self.get([#"{"S":"a"}"#, #"{"N":"1"}"#]))
                    == "TransactionCanceledException: Transaction cancelled, please refer cancellation "
                    + "reasons for specific reasons [None, ValidationError]")
            #expect(
                await tables.fault("TransactGetItems", #"{"TransactItems":[{}]}"#)
                    == "ValidationException: 1 validation error detected: Value null at "
                    + "'transactItems.1.member.get' failed to satisfy constraint: Member must not be null")
        }
    }
}

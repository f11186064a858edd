import AWSProtocol
import Testing

@testable import Expressions
@testable import Tables

/// Which texts carry AWS's newer prefix, and which have other words.
@Suite struct WordingTests {
    static let duplicates = #"{"SS":["a","a"]}"#

    /// Operation, input, answer.
    static let texts: [(String, String, String)] = [
        (
            "PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"a"},"s":\#(duplicates)}}"#,
            "1 validation error detected: One or more parameter values were invalid: "
                + #"Input collection ["a", "a"] contains duplicates."#
        ),
        (
            "PutItem", #"{"TableName":"","Item":{"pk":{"S":"a"}}}"#,
            "1 validation error detected: Value at 'TableName' failed to satisfy constraint: Member must "
                + "have length greater than or equal to 1"
        ),
        (
            "UpdateItem", #"{"TableName":"","ReturnValues":"X"}"#,
            "1 validation error detected: Value at 'TableName' failed to satisfy constraint: Member must "
                + "have length greater than or equal to 1"
        ),
        (
            "UpdateItem", #"{"ReturnValues":"X","ReturnConsumedCapacity":"Y"}"#,
            "1 validation error detected: Value 'X' at 'returnValues' Failed to satisfy constraint: "
                + "Member must satisfy enum value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
        ),
        (
            "UpdateItem", #"{"ReturnConsumedCapacity":"Y","ReturnItemCollectionMetrics":"Z"}"#,
            "1 validation error detected: Value 'Y' at 'returnConsumedCapacity' failed to satisfy "
                + "constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"
        ),
        (
            "UpdateItem", #"{"TableName":"hash","Key":{"pk":{"S":"a"}},"UpdateExpression":""}"#,
            "1 validation error detected: Invalid UpdateExpression: The expression can not be empty;"
        ),
        (
            "DeleteItem",
            #"{"TableName":"hash","Key":{"pk":{"S":"a"}},"ExpressionAttributeValues":{":a":{"N":"1"}}}"#,
            "1 validation error detected: ExpressionAttributeValues can only be specified when using "
                + "expressions"
        ),
        // About the table's schema: bare.
        (
            "DeleteItem", #"{"TableName":"hash","Key":{"a":{"S":"a"}}}"#,
            "The provided key element does not match the schema"
        ),
        (
            "UpdateItem",
            #"{"TableName":"hash","Key":{"pk":{"S":"a"}},"UpdateExpression":"REMOVE pk"}"#,
            "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part "
                + "of the key"
        ),
        // About items: bare.
        (
            "UpdateItem",
            #"{"TableName":"hash","Key":{"pk":{"S":"a"}},"UpdateExpression":"SET a = b"}"#,
            "The provided expression refers to an attribute that does not exist in the item"
        ),
        // Reads and transactions: as before.
        (
            "GetItem", #"{"TableName":"hash","Key":{"pk":{"S":"a"}},"ProjectionExpression":""}"#,
            "Invalid ProjectionExpression: The expression can not be empty;"
        ),
        (
            "Scan",
            #"{"TableName":"hash","FilterExpression":"a = :a","ExpressionAttributeValues":{":a":\#(duplicates)}}"#,
            "ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: "
                + "Input collection [a, a] contains duplicates. for key :a"
        ),
        (
            "TransactWriteItems",
            #"{"TransactItems":[{"Put":{"TableName":"hash","Item":{"pk":{"S":"a"},"s":\#(duplicates)}}}]}"#,
            "One or more parameter values were invalid: Input collection [a, a] contains duplicates."
        ),
    ]

    @Test(arguments: texts)
    func text(_ operation: String, _ input: String, _ expected: String) async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            #expect(await tables.fault(operation, input) == "ValidationException: \(expected)")
        }
    }

    @Test func onlyTextsAboutTheRequestChange() {
        func message(_ wording: Wording, _ error: any Error) -> String? {
            do {
                try wording.ofRequest { throw error }
                return nil
            } catch {
                return TableErrors.from(error).message
            }
        }
        let both = ValidationError("old", reworded: "new")
        #expect(message(.original, both) == "old")
        #expect(message(.reworded, both) == "1 validation error detected: new")
        #expect(message(.reworded, both.within { "<\($0)>" }) == "1 validation error detected: <new>")
        // Shapes of JSON, and errors that count themselves.
        #expect(message(.reworded, ValidationError("shape", kind: .serialization)) == "shape")
        let counted = "2 validation errors detected: a; b"
        #expect(message(.reworded, TableErrors.validation(counted)) == counted)
        #expect(message(.reworded, TableErrors.tableNotFound) == "Requested resource not found")
    }
}

import JSON
import Testing

@testable import Tables

@Suite struct CreateTableTests {
    @Test func answersCreatingThenIsActive() async throws {
        try await withTables { tables in
            let created = try await tables.call("CreateTable", Schemas.indexed)
            #expect(created["TableDescription"]?["TableStatus"] == "CREATING")
            let described = try await tables.call("DescribeTable", #"{"TableName":"indexed"}"#)
            let table = try #require(described["Table"])
            #expect(table["TableStatus"] == "ACTIVE")
            #expect(table["ItemCount"] == 0)
            #expect(table["TableArn"] == "arn:aws:dynamodb:us-east-1:000000000000:table/indexed")
            #expect(table["BillingModeSummary"]?["BillingMode"] == "PAY_PER_REQUEST")
            #expect(table["CreationDateTime"]?.double == 1_700_000_000)
            #expect(table["TableId"]?.string?.count == 36)
            #expect(table["TableId"] == created["TableDescription"]?["TableId"])
            #expect(
                table["GlobalSecondaryIndexes"]?.array?.map { $0["IndexStatus"] } == [
                    "ACTIVE", "ACTIVE", "ACTIVE",
                ])
            #expect(table["LocalSecondaryIndexes"]?[0]?["IndexStatus"] == nil)
            #expect(table["DeletionProtectionEnabled"] == false)
            try expectJSON(
                table["KeySchema"] ?? .null,
                #"[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}]"#)
            #expect(
                await tables.fault("CreateTable", Schemas.indexed)
                    == "ResourceInUseException: Table already exists: indexed")
        }
    }

    /// What to change in a good input, and what AWS answers then.
    static let faults: [(String, String)] = [
        (
            #"{"TableName":"a"}"#,
            "3 validation errors detected: "
                + "Value null at 'attributeDefinitions' failed to satisfy constraint: Member must not be "
                + "null; Value 'a' at 'tableName' failed to satisfy constraint: Member must have length "
                + "greater than or equal to 3; Value null at 'keySchema' failed to satisfy constraint: "
                + "Member must not be null"
        ),
        (
            #"{"TableName":"abc","AttributeDefinitions":[],"KeySchema":[],"BillingMode":"FREE"}"#,
            "2 validation errors detected: Value 'FREE' at 'billingMode' failed to satisfy constraint: "
                + "Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]; Value '[]' at "
                + "'keySchema' failed to satisfy constraint: Member must have length greater than or equal "
                + "to 1"
        ),
        (
            #"{"TableName":"abc","AttributeDefinitions":[{"AttributeName":"a","AttributeType":"X"}],"#
                + #""KeySchema":[{"AttributeName":"a","KeyType":"HASH"}]}"#,
            "1 validation error detected: Value 'X' at 'attributeDefinitions.1.member.attributeType' "
                + "failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]"
        ),
        (
            #"{"TableName":"abc","AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"}],"#
                + #""KeySchema":[{"AttributeName":"a","KeyType":"HASH"}]}"#,
            "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must "
                + "both be specified when BillingMode is PROVISIONED"
        ),
        (
            #"{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","#
                + #""ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1},"#
                + #""AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"}],"#
                + #""KeySchema":[{"AttributeName":"a","KeyType":"HASH"}]}"#,
            "One or more parameter values were invalid: Neither ReadCapacityUnits nor "
                + "WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
        ),
        (
            #"{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[],"#
                + #""KeySchema":[{"AttributeName":"a","KeyType":"HASH"}]}"#,
            "Invalid KeySchema: Some index key attribute have no definition"
        ),
        (
            #"{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","#
                + #""AttributeDefinitions":[{"AttributeName":"b","AttributeType":"S"}],"#
                + #""KeySchema":[{"AttributeName":"a","KeyType":"HASH"}]}"#,
            "One or more parameter values were invalid: Some index key attributes are not defined in "
                + "AttributeDefinitions. Keys: [a], AttributeDefinitions: [b]"
        ),
        (
            #"{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","#
                + #""AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"},{"AttributeName":"b","#
                + #""AttributeType":"S"}],"KeySchema":[{"AttributeName":"a","KeyType":"HASH"}]}"#,
            "One or more parameter values were invalid: Number of attributes in KeySchema does not "
                + "exactly match number of attributes defined in AttributeDefinitions"
        ),
        (
            #"{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","#
                + #""AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"}],"#
                + #""KeySchema":[{"AttributeName":"a","KeyType":"RANGE"}]}"#,
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"
        ),
        (
            #"{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","#
                + #""AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"},{"AttributeName":"b","#
                + #""AttributeType":"S"}],"KeySchema":[{"AttributeName":"a","KeyType":"HASH"},"#
                + #"{"AttributeName":"b","KeyType":"HASH"}]}"#,
            "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"
        ),
        (
            #"{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","#
                + #""AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"},{"AttributeName":"b","#
                + #""AttributeType":"S"}],"KeySchema":[{"AttributeName":"a","KeyType":"HASH"},"#
                + #"{"AttributeName":"a","KeyType":"RANGE"}]}"#,
            "Both the Hash Key and the Range Key element in the KeySchema have the same name"
        ),
        (
            #"{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","GlobalTableSourceArn":"arn:aws:x","#
                + #""AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"}],"#
                + #""KeySchema":[{"AttributeName":"a","KeyType":"HASH"}]}"#,
            "The parameter GlobalTableSourceArn is not supported by this emulator yet"
        ),
    ]

    @Test(arguments: faults) func fault(_ input: String, _ expected: String) async throws {
        try await withTables { tables in

            #expect(await tables.fault("CreateTable", input) == "ValidationException: \(expected)")
        }
    }

    /// An index in the place of X, and what is wrong with it.
    static let indexFaults: [(String, String)] = [
        (#""GlobalSecondaryIndexes":[]"#, "List of GlobalSecondaryIndexes is empty"),
        (
            #""LocalSecondaryIndexes":[{"IndexName":"abc","KeySchema":[{"AttributeName":"a","#
                + #""KeyType":"HASH"},{"AttributeName":"b","KeyType":"RANGE"}],"#
                + #""Projection":{"ProjectionType":"ALL"}}]"#,
            "Table KeySchema does not have a range key, which is required when specifying a "
                + "LocalSecondaryIndex"
        ),
        (
            #""GlobalSecondaryIndexes":[{"IndexName":"abc","KeySchema":[{"AttributeName":"z","#
                + #""KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}]"#,
            "Some index key attributes are not defined in AttributeDefinitions. Keys: [z], "
                + "AttributeDefinitions: [a, b]"
        ),
        (
            #""GlobalSecondaryIndexes":[{"IndexName":"abc","KeySchema":[{"AttributeName":"b","#
                + #""KeyType":"HASH"}],"#
                + #""Projection":{}}]"#, "Unknown ProjectionType: null"
        ),
        (
            #""GlobalSecondaryIndexes":[{"IndexName":"abc","KeySchema":[{"AttributeName":"b","#
                + #""KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL","NonKeyAttributes":["x"]}}]"#,
            "ProjectionType is ALL, but NonKeyAttributes is specified"
        ),
        (
            #""GlobalSecondaryIndexes":[{"IndexName":"abc","KeySchema":[{"AttributeName":"b","#
                + #""KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}},{"IndexName":"abc","#
                + #""KeySchema":[{"AttributeName":"b","KeyType":"HASH"}],"#
                + #""Projection":{"ProjectionType":"ALL"}}]"#,
            "Duplicate index name: abc"
        ),
        (
            #""GlobalSecondaryIndexes":[{"IndexName":"abc","KeySchema":[{"AttributeName":"b","#
                + #""KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"},"#
                + #""ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}}]"#,
            "ProvisionedThroughput should not be specified for index: abc when BillingMode is PAY_PER_REQUEST"
        ),
    ]

    @Test(arguments: indexFaults) func indexFault(_ index: String, _ expected: String) async throws {
        let input =
            #"{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","#
            + #""AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"},{"AttributeName":"b","#
            + #""AttributeType":"S"}],"KeySchema":[{"AttributeName":"a","KeyType":"HASH"}],\#(index)}"#
        try await withTables { tables in
            #expect(
                await tables.fault("CreateTable", input)
                    == "ValidationException: One or more parameter values were invalid: \(expected)")
        }
    }

    @Test func definitionsSurviveReopening() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.indexed)
            try await tables.call("CreateTable", Schemas.hash)
            let before = try await tables.call("DescribeTable", #"{"TableName":"indexed"}"#)
            try await tables.call(
                "UpdateTimeToLive",
                #"{"TableName":"hash","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}"#)
            let again = try TestTables.service(tables.store, tables.clock)
            let after = try await again.perform("DescribeTable", ["TableName": "indexed"])
            #expect(before == after)
            let expiry = try await again.perform("DescribeTimeToLive", ["TableName": "hash"])
            try expectJSON(
                expiry, #"{"TimeToLiveDescription":{"AttributeName":"ttl","TimeToLiveStatus":"ENABLED"}}"#)
        }
    }

    @Test func ifMissingIsIdempotent() async throws {
        try await withTables { tables in
            var input = try #require(JSONValue.parse(Schemas.hash).object)
            input["TimeToLive"] = ["AttributeName": "ttl"]
            try await tables.service.createTableIfMissing(input)
            try await tables.service.createTableIfMissing(input)
            let names = try await tables.call("ListTables", "{}")
            try expectJSON(names, #"{"TableNames":["hash"]}"#)
            let expiry = try await tables.call("DescribeTimeToLive", #"{"TableName":"hash"}"#)
            #expect(expiry["TimeToLiveDescription"]?["TimeToLiveStatus"] == "ENABLED")
        }
    }
}

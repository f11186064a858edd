import Clock
import JSON
import Store
import Testing

@testable import Expressions
@testable import Tables

/// What the answers show, what is stored, and how changes meet one another.
@Suite struct UpdateTableTests {
    static let name = #"{"TableName":"hash"}"#

    static func described(_ tables: TestTables) async throws -> JSONValue {
        try await tables.call("DescribeTable", name)["Table"] ?? .null
    }

    /// All that a table can be is there again after a restart.
    @Test func everythingSurvivesARestart() async throws {
        let tables = try TestTables()
        defer { tables.close() }
        try await tables.call(
            "CreateTable",
            #"{"TableName":"hash","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":["#
                + #"{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"g","AttributeType":"S"}],"#
                + #""KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"GlobalSecondaryIndexes":[{"#
                + #""IndexName":"byG","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"#
                + #""Projection":{"ProjectionType":"ALL"},"OnDemandThroughput":{"MaxReadRequestUnits":7},"#
                + #""WarmThroughput":{"ReadUnitsPerSecond":13000,"WriteUnitsPerSecond":4500}}],"#
                + #""Tags":[{"Key":"k","Value":"v"}],"SSESpecification":{"Enabled":true},"#
                + #""OnDemandThroughput":{"MaxWriteRequestUnits":9},"TableClass":"STANDARD_INFREQUENT_ACCESS","#
                + #""WarmThroughput":{"ReadUnitsPerSecond":12001},"DeletionProtectionEnabled":true,"#
                + #""ResourcePolicy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":"#
                + #"\"dynamodb:GetItem\",\"Resource\":\"*\"}]}"}"#)
        let before = try await Self.described(tables)
        #expect(before["WarmThroughput"]?["ReadUnitsPerSecond"] == 12_001)
        #expect(before["WarmThroughput"]?["WriteUnitsPerSecond"] == 4_000)
        #expect(before["OnDemandThroughput"]?["MaxWriteRequestUnits"] == 9)
        #expect(before["SSEDescription"]?["Status"] == "ENABLED")
        let index = before["GlobalSecondaryIndexes"]?[0]
        #expect(index?["WarmThroughput"]?["ReadUnitsPerSecond"] == 13_000)
        #expect(index?["OnDemandThroughput"]?["MaxReadRequestUnits"] == 7)
        let arn = #"{"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/hash"}"#
        let asked = [
            ("DescribeTable", Self.name), ("ListTagsOfResource", arn), ("GetResourcePolicy", arn),
        ]
        tables.store.close()
        let store = try Store.open(at: tables.folder, clock: tables.clock)
        defer { store.close() }
        let service = try TestTables.service(store, tables.clock)
        for (operation, input) in asked {
            let answer = try await service.perform(operation, JSONValue.parse(input).object ?? JSONObject())
            switch operation {
            case "DescribeTable": #expect(answer["Table"] == before)
            case "ListTagsOfResource": #expect(answer["Tags"]?[0]?["Value"] == "v")
            default: #expect(answer["Policy"]?.string?.contains("dynamodb:GetItem") == true)
            }
        }
    }

    /// Definitions stored before there were settings: the billing mode has never changed.
    @Test func oldDefinitionsAreRead() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            let definition = try tables.service.environment.catalog.table("hash").definition
            var stored = definition.stored.object ?? JSONObject()
            stored.removeValue(forKey: "settings")
            let read = try TableDefinition(stored: .object(stored))
            #expect(read.settings.payPerRequestSince == definition.created)
            #expect(read.warmThroughput == .onDemandStart)
        }
    }

    @Test func aDroppedTableLeavesNoSettings() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            let arn = "arn:aws:dynamodb:us-east-1:000000000000:table/hash"
            try await tables.call(
                "TagResource", #"{"ResourceArn":"\#(arn)","Tags":[{"Key":"k","Value":"v"}]}"#)
            try await tables.call(
                "PutResourcePolicy",
                #"{"ResourceArn":"\#(arn)","Policy":"{\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\","#
                    + #"\"Action\":\"*\",\"Resource\":\"*\"}]}"}"#)
            #expect(try IndexBackfillTests.faults(tables.store) == [])
            try await tables.call("DeleteTable", Self.name)
            #expect(try IndexBackfillTests.faults(tables.store) == [])
            var left: [String] = []
            try tables.store.read { snapshot in
                try snapshot.scan(.settings, from: [], to: nil) { key, _ in
                    left.append(String(decoding: key, as: UTF8.self))
                    return true
                }
            }
            #expect(left == ["dynamodb/next-id"])
        }
    }

    /// A protection that is committed while a DeleteTable is on its way counts.
    @Test func protectionIsAskedInTheCommit() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            let environment = tables.service.environment
            let deletion = try DeleteTable(InputReader(JSONValue.parse(Self.name).object ?? JSONObject()))
            let planned = try deletion.validate(environment)
            try await tables.call("UpdateTable", #"{"TableName":"hash","DeletionProtectionEnabled":true}"#)
            let fault = await TestTables.fault { () throws in try await DeleteTable.run(planned, environment)
            }
            #expect(fault.hasPrefix("ValidationException: Resource cannot be deleted"))
            #expect(try await Self.described(tables)["TableStatus"] == "ACTIVE")
        }
    }

    /// Many changes at once: each sees what the others have done.
    @Test func changesAtTheSameTime() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            let outcomes = await withTaskGroup(of: String.self) { group in
                for number in 0..<12 {
                    let input =
                        #"{"TableName":"hash","AttributeDefinitions":[{"AttributeName":"g","#
                        + #""AttributeType":"S"}],"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"i\#(number % 4)x","#
                        + #""KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"#
                        + #""Projection":{"ProjectionType":"ALL"}}}]}"#
                    group.addTask { await tables.fault("UpdateTable", input) }
                }
                return await group.reduce(into: [String]()) { $0.append($1) }
            }
            await tables.service.environment.work.finish()
            let made = outcomes.count { $0.hasPrefix("no error") }
            #expect((1...4).contains(made))
            let indexes = try await Self.described(tables)["GlobalSecondaryIndexes"]?.array ?? []
            #expect(indexes.count == made)
            #expect(indexes.allSatisfy { $0["IndexStatus"] == "ACTIVE" })
            #expect(try IndexBackfillTests.faults(tables.store) == [])
        }
    }

    @Test func decreasesAreCountedByTheDay() async throws {
        try await withTables { tables in
            try await tables.call(
                "CreateTable",
                #"{"TableName":"hash","ProvisionedThroughput":{"ReadCapacityUnits":9,"WriteCapacityUnits":9},"#
                    + #""AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"#
                    + #""KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}"#)
            for units in [8, 7, 6] {
                try await tables.call(
                    "UpdateTable",
                    #"{"TableName":"hash","ProvisionedThroughput":{"ReadCapacityUnits":\#(units),"#
                        + #""WriteCapacityUnits":9}}"#)
            }
            #expect(
                try await Self.described(tables)["ProvisionedThroughput"]?["NumberOfDecreasesToday"] == 3)
            tables.clock.advance(milliseconds: 86_400_000)
            #expect(
                try await Self.described(tables)["ProvisionedThroughput"]?["NumberOfDecreasesToday"] == 0)
            #expect(try await Self.described(tables)["WarmThroughput"]?["ReadUnitsPerSecond"] == 9)
        }
    }

    @Test func aKeyOfKMSIsNamedAsItWasGiven() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            func use(_ key: String) async throws -> String {
                try await tables.call(
                    "UpdateTable",
                    #"{"TableName":"hash","SSESpecification":{"Enabled":true,"SSEType":"KMS","KMSMasterKeyId":"\#(key)"}}"#
                )
                return try await Self.described(tables)["SSEDescription"]?["KMSMasterKeyArn"]?.string ?? ""
            }
            #expect(try await use("1234") == "arn:aws:kms:us-east-1:000000000000:key/1234")
            let arn = "arn:aws:kms:us-east-1:000000000000:key/5678"
            #expect(try await use(arn) == arn)
            #expect(
                await tables.fault(
                    "UpdateTable",
                    #"{"TableName":"hash","SSESpecification":{"Enabled":true,"SSEType":"KMS","KMSMasterKeyId":"\#(arn)"}}"#
                ).hasPrefix(
                    "ValidationException: One or more parameter values were invalid: Table is already encrypted "
                        + "with given KMSMasterKeyId"))
            #expect(try await use("alias/mine").hasPrefix("arn:aws:kms:us-east-1:000000000000:key/"))
            try await tables.call(
                "UpdateTable", #"{"TableName":"hash","SSESpecification":{"Enabled":false}}"#)
            #expect(try await Self.described(tables)["SSEDescription"] == nil)
        }
    }
}

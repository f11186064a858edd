import JSON
import Store
import Testing

@testable import Tables

@Suite struct DescribeTableTests {
    @Test func countsItems() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            for name in ["a", "b"] {
                try await tables.call("PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"\#(name)"}}}"#)
            }
            let table = try await tables.call("DescribeTable", #"{"TableName":"hash"}"#)["Table"]
            #expect(table?["ItemCount"] == 2)
            #expect(table?["TableSizeBytes"] == 6)
        }
    }

    @Test func faults() async throws {
        try await withTables { tables in
            #expect(
                await tables.fault("DescribeTable", #"{"TableName":"none"}"#)
                    == "ResourceNotFoundException: Requested resource not found: Table: none not found")
            #expect(
                await tables.fault("DescribeTable", "{}")
                    == "ValidationException: 1 validation error detected: Value null at 'tableName' "
                    + "failed to satisfy constraint: Member must not be null")
            #expect(
                await tables.fault("DescribeTable", #"{"TableName":"a;"}"#)
                    == "ValidationException: 2 validation errors detected: Value 'a;' at 'tableName' "
                    + "failed to satisfy constraint: Member must satisfy regular expression pattern: "
                    + "[a-zA-Z0-9_.-]+; Value 'a;' at 'tableName' failed to satisfy constraint: Member must "
                    + "have length greater than or equal to 3")
            #expect(
                await tables.fault("DescribeTable", #"{"TableName":5}"#)
                    == "SerializationException: NUMBER_VALUE cannot be converted to String")
            #expect(await tables.fault("UpdateUniverse", "{}") == "UnknownOperationException")
            #expect(
                await tables.fault("CreateGlobalTable", "{}")
                    == "UnsupportedOperationException: The operation CreateGlobalTable is not supported by this "
                    + "emulator: there is one region, so there are no global tables")
        }
    }

    @Test func anARNNamesATable() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            let table = try await tables.call(
                "DescribeTable", #"{"TableName":"arn:aws:dynamodb:us-east-1:000000000000:table/hash"}"#)
            #expect(table["Table"]?["TableName"] == "hash")
        }
    }
}

@Suite struct ListTablesTests {
    @Test func pages() async throws {
        try await withTables { tables in
            for name in ["bbb", "aaa", "ccc"] {
                try await tables.call("CreateTable", Schemas.range("S", name: name))
            }
            try expectJSON(try await tables.call("ListTables", "{}"), #"{"TableNames":["aaa","bbb","ccc"]}"#)
            try expectJSON(
                try await tables.call("ListTables", #"{"Limit":2}"#),
                #"{"TableNames":["aaa","bbb"],"LastEvaluatedTableName":"bbb"}"#)
            try expectJSON(
                try await tables.call("ListTables", #"{"Limit":2,"ExclusiveStartTableName":"bbb"}"#),
                #"{"TableNames":["ccc"]}"#)
            #expect(
                await tables.fault("ListTables", #"{"Limit":0}"#)
                    == "ValidationException: 1 validation error detected: Value '0' at 'limit' failed "
                    + "to satisfy constraint: Member must have value greater than or equal to 1")
            #expect(await tables.fault("ListTables", #"{"Limit":101}"#).contains("less than or equal to 100"))
        }
    }
}

@Suite struct DeleteTableTests {
    @Test func removesEverything() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.indexed)
            try await tables.call("CreateTable", Schemas.hash)
            try await tables.call(
                "UpdateTimeToLive",
                #"{"TableName":"indexed","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}"#)
            try await tables.call("PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"stays"}}}"#)
            for number in 0..<20 {
                try await tables.call(
                    "PutItem",
                    #"{"TableName":"indexed","Item":{"pk":{"S":"p"},"sk":{"S":"\#(number)"},"g":{"S":"g"},"#
                        + #""n":{"N":"\#(number)"},"b":{"B":"AAAA"},"ttl":{"N":"1800000000"}}}"#)
            }
            let gone = try await tables.call("DeleteTable", #"{"TableName":"indexed"}"#)
            #expect(gone["TableDescription"]?["TableStatus"] == "DELETING")
            #expect(gone["TableDescription"]?["ItemCount"] == 20)
            var left = 0
            try tables.store.read { snapshot in
                for keyspace in [Keyspace.items, .indexEntries] {
                    try snapshot.scan(keyspace, from: [], to: nil, reverse: false) { _, _ in
                        left += 1
                        return true
                    }
                }
            }
            #expect(left == 1)
            #expect(
                await tables.fault("DescribeTable", #"{"TableName":"indexed"}"#)
                    == "ResourceNotFoundException: Requested resource not found: Table: indexed not found")
            #expect(
                await tables.fault("PutItem", #"{"TableName":"indexed","Item":{"pk":{"S":"a"}}}"#)
                    == "ResourceNotFoundException: Requested resource not found")
            try await tables.call("CreateTable", Schemas.indexed)
            let scan = try await tables.call("Scan", #"{"TableName":"indexed"}"#)
            #expect(scan["Count"] == 0)
        }
    }

    @Test func aProtectedTableStays() async throws {
        try await withTables { tables in
            let input = Schemas.hash.dropLast() + #","DeletionProtectionEnabled":true}"#
            try await tables.call("CreateTable", String(input))
            #expect(
                await tables.fault("DeleteTable", #"{"TableName":"hash"}"#)
                    == "ValidationException: Resource cannot be deleted as it is currently protected against "
                    + "deletion. Disable deletion protection first.")
        }
    }

    /// A write planned while the table still existed must not leave an item behind.
    @Test func writesRacingWithDeletion() async throws {
        try await withTables { tables in
            for _ in 0..<10 {
                try await tables.call("CreateTable", Schemas.hash)
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            _ = await tables.fault(
                                "PutItem", #"{"TableName":"hash","Item":{"pk":{"S":"\#(number)"}}}"#)
                        }
                    }
                    group.addTask { _ = await tables.fault("DeleteTable", #"{"TableName":"hash"}"#) }
                }
                var left = 0
                try tables.store.read { snapshot in
                    try snapshot.scan(.items, from: [], to: nil, reverse: false) { _, _ in
                        left += 1
                        return true
                    }
                }
                #expect(left == 0)
            }
        }
    }
}

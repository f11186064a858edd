import Clock
import JSON
import Seeded
import Store
import Testing

@testable import Expressions
@testable import Tables

/// Backups and recoveries are made in portions, while the table is written to and across restarts.
@Suite struct TableCopyTests {
    static let items = 3 * TableCopy.portion + 17

    /// Partition key and value of every item.
    static func content(_ tables: TestTables, _ service: TablesService, _ name: String) async throws
        -> [String: String]
    {
        var found: [String: String] = [:]
        var start = JSONObject()
        while true {
            var input: JSONObject = ["TableName": .string(name)]
            if !start.isEmpty { input.append("ExclusiveStartKey", .object(start)) }
            let page = try await service.perform("Scan", input)
            for item in page["Items"]?.array ?? [] {
                found[item["pk"]?["S"]?.string ?? "?"] = item["v"]?["N"]?.string
            }
            guard let next = page["LastEvaluatedKey"]?.object else { return found }
            start = next
        }
    }

    static func write(_ tables: TestTables, _ service: TablesService, _ key: Int, _ value: Int?) async throws
    {
        if let value {
            _ = try await service.perform(
                "PutItem",
                JSONValue.parse(
                    #"{"TableName":"hash","Item":{"pk":{"S":"\#(key)"},"v":{"N":"\#(value)"}}}"#
                ).object ?? [:])
        } else {
            _ = try await service.perform(
                "DeleteItem",
                JSONValue.parse(#"{"TableName":"hash","Key":{"pk":{"S":"\#(key)"}}}"#).object ?? [:])
        }
    }

    /// Random writes to items that exist and to ones that do not.
    static func disturb(
        _ tables: TestTables, _ service: TablesService, _ random: inout SeededRandom, _ count: Int = 60
    ) async throws {
        for _ in 0..<count {
            let key = Int.random(in: 0..<(items + 400), using: &random)
            let value = Bool.random(using: &random) ? Int.random(in: 0..<9, using: &random) : nil
            try await write(tables, service, key, value)
        }
    }

    @Test(arguments: [false, true])
    func aBackupShowsItsInstantWhateverIsWrittenMeanwhile(restarts: Bool) async throws {
        var random = SeededRandom.fresh("aBackupShowsItsInstant")
        try await withTables { tables in
            var service = tables.service
            try await tables.call("CreateTable", Schemas.hash)
            try await BackgroundWorkTests.put(tables, Self.items)
            let expected = try await Self.content(tables, service, "hash")
            // The test itself does the work, portion by portion.
            await service.stop()
            let made = try await tables.call("CreateBackup", #"{"TableName":"hash","BackupName":"abc"}"#)
            let arn = try #require(made["BackupDetails"]?["BackupArn"]?.string)
            try await Self.disturb(tables, service, &random)
            while try await CopyWork.advance(service.environment) {
                try await Self.disturb(tables, service, &random)
                if restarts {
                    service = try TestTables.service(tables.store, tables.clock)
                    await service.stop()
                }
            }
            let described = try await service.perform("DescribeBackup", ["BackupArn": .string(arn)])
            let details = described["BackupDescription"]?["SourceTableDetails"]
            #expect(details?["ItemCount"]?.int == Self.items)
            _ = try await service.perform(
                "RestoreTableFromBackup", ["BackupArn": .string(arn), "TargetTableName": "restored"])
            while try await RestoreWork.advance(service.environment) {
                let input: JSONObject = ["TableName": "restored"]
                let table = try await service.perform("DescribeTable", input)["Table"]
                if table?["TableStatus"] != "ACTIVE" {
                    let fault = await TestTables.fault { () throws in try await service.perform("Scan", input)
                    }
                    #expect(fault.hasPrefix("ResourceNotFoundException"))
                }
                if restarts {
                    service = try TestTables.service(tables.store, tables.clock)
                    await service.stop()
                }
            }
            #expect(try await Self.content(tables, service, "restored") == expected)
            // Nothing of the copying itself is left.
            _ = try await service.perform("DeleteBackup", ["BackupArn": .string(arn)])
            while try await GarbageCollection.advance(service.environment) {}
            #expect(try tables.store.verify().entries[.copies] == 0)
        }
    }

    @Test func anEarlierTimeIsRecoveredWhateverIsWrittenMeanwhile() async throws {
        var random = SeededRandom.fresh("anEarlierTimeIsRecovered")
        try await withTables { tables in
            let service = tables.service
            try await tables.call("CreateTable", Schemas.hash)
            try await BackgroundWorkTests.put(tables, Self.items)
            await service.stop()
            try await tables.call(
                "UpdateContinuousBackups",
                #"{"TableName":"hash","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true}}"#
            )
            var states: [(time: Int64, content: [String: String])] = []
            for _ in 0..<3 {
                tables.clock.advance(milliseconds: 1_000)
                try await Self.disturb(tables, service, &random, 700)
                states.append((tables.clock.now.seconds, try await Self.content(tables, service, "hash")))
            }
            tables.clock.advance(milliseconds: 5_000)
            for (index, state) in states.enumerated() {
                _ = try await service.perform(
                    "RestoreTableToPointInTime",
                    [
                        "SourceTableName": "hash", "TargetTableName": .string("restored\(index)"),
                        "RestoreDateTime": .number(JSONNumber(state.time)),
                    ])
                while try await CopyWork.advance(service.environment) {
                    try await Self.disturb(tables, service, &random)
                }
                while try await RestoreWork.advance(service.environment) {
                    try await Self.disturb(tables, service, &random)
                }
                #expect(try await Self.content(tables, service, "restored\(index)") == state.content)
            }
        }
    }

    @Test func aTableIsNotDeletedWhileItIsCopied() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await BackgroundWorkTests.put(tables, Self.items)
            await tables.service.stop()
            try await tables.call("CreateBackup", #"{"TableName":"hash","BackupName":"abc"}"#)
            #expect(
                await tables.fault("DeleteTable", #"{"TableName":"hash"}"#)
                    .hasPrefix("ResourceInUseException: Attempt to change a resource which is still in use"))
            while try await CopyWork.advance(tables.service.environment) {}
            try await tables.call("DeleteTable", #"{"TableName":"hash"}"#)
        }
    }
}

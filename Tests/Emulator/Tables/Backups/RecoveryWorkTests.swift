import JSON
import Store
import Synchronization
import Testing

@testable import Expressions
@testable import Tables

/// Fails one acknowledgement, when armed.
private final class Trap: Sendable {
    let armed = Mutex(false)
    var options: Store.Options {
        Store.Options(
            faults: FaultInjector { (point: FaultPoint) throws(StoreError) in
                guard point == .commitAcknowledge else { return }
                let fires = self.armed.withLock { value -> Bool in
                    defer { value = false }
                    return value
                }
                if fires { throw .injected(point) }
            })
    }
    func arm() { armed.withLock { $0 = true } }
}

/// Commits that are reported as failed though they have landed, and portions that are done twice.
@Suite struct RecoveryWorkTests {
    @Test func aCopysLastPortionLandsThoughItFails() async throws {
        let trap = Trap()
        try await withTables(trap.options) { tables in
            let environment = tables.service.environment
            try await tables.call("CreateTable", Schemas.hash)
            try await BackgroundWorkTests.put(tables, 517)
            await tables.service.stop()
            try await tables.call("CreateBackup", #"{"TableName":"hash","BackupName":"abc"}"#)
            trap.arm()
            _ = try? await CopyWork.advance(environment)
            await environment.catalog.settle(tables.store)
            for _ in 0..<3 {
                do { _ = try await CopyWork.advance(environment) } catch {
                    Issue.record("the copying fails for ever: \(error)")
                }
            }
        }
    }

    @Test func aRecoveryLandsThoughItFails() async throws {
        let trap = Trap()
        try await withTables(trap.options) { tables in
            let environment = tables.service.environment
            try await tables.call("CreateTable", Schemas.hash)
            await tables.service.stop()
            try await tables.call(
                "UpdateContinuousBackups",
                #"{"TableName":"hash","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true}}"#
            )
            trap.arm()
            let fault = await tables.fault(
                "RestoreTableToPointInTime",
                #"{"SourceTableName":"hash","TargetTableName":"back","UseLatestRestorableTime":true}"#)
            #expect(fault.hasPrefix("InternalServerError"))
            while try await CopyWork.advance(environment) {}
            while try await RestoreWork.advance(environment) {}
            let waiting = try tables.store.read { try TableRestore.all($0) }
            #expect(waiting.isEmpty)
        }
    }

    static func restoring(_ tables: TestTables) async throws -> TableRestore {
        try await tables.call("CreateTable", Schemas.hash)
        try await BackgroundWorkTests.put(tables, 5)
        await tables.service.stop()
        let made = try await tables.call("CreateBackup", #"{"TableName":"hash","BackupName":"abc"}"#)
        let arn = try #require(made["BackupDetails"]?["BackupArn"]?.string)
        try await tables.call(
            "RestoreTableFromBackup", #"{"BackupArn":"\#(arn)","TargetTableName":"back"}"#)
        return try #require(try tables.store.read { try TableRestore.all($0) }.first)
    }

    @Test func expiryTurnedOnInTheBatchThatEndsARestore() async throws {
        try await withTables { tables in
            let restore = try await Self.restoring(tables)
            let known = tables.service.environment.catalog.find("back")
            // As `RestoreWork` does, up to the reading back that follows.
            _ = try await tables.store.commit { try restore.advance(known, in: $0) }
            _ = await tables.fault(
                "UpdateTimeToLive",
                #"{"TableName":"back","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"t"}}"#)
            await tables.service.environment.catalog.readBack("back", from: tables.store)
            while try await RestoreWork.advance(tables.service.environment) {}
            let table = try await tables.call("DescribeTable", #"{"TableName":"back"}"#)["Table"]
            #expect(table?["TableStatus"] == "ACTIVE")
            #expect(try BackupCheckTests.problems(tables) == [])
            try await tables.call("DeleteTable", #"{"TableName":"back"}"#)
        }
    }

    @Test func aPortionDoneTwiceCountsOnce() async throws {
        try await withTables { tables in
            let restore = try await Self.restoring(tables)
            let known = tables.service.environment.catalog.find("back")
            for _ in 0..<2 { _ = try await tables.store.commit { try restore.advance(known, in: $0) } }
            await tables.service.environment.catalog.readBack("back", from: tables.store)
            #expect(try BackupCheckTests.problems(tables) == [])
            let table = try await tables.call("DescribeTable", #"{"TableName":"back"}"#)["Table"]
            #expect(table?["ItemCount"]?.int == 5)
        }
    }
}

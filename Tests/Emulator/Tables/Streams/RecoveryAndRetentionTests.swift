import Clock
import JSON
import Store
import Testing

@testable import Tables

/// Point-in-time recovery and the trimming of the log that it needs.
@Suite struct RecoveryAndRetentionTests {
    private static func recovery(_ days: Int) -> String {
        #"{"TableName":"hash","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true,"#
            + #""RecoveryPeriodInDays":\#(days)}}"#
    }

    /// Days 35 -> 1 (log trimmed) -> 35: a restore to a time before the trimmed records must be refused.
    @Test func aPeriodThatShrankAndGrewAgain() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await tables.call("UpdateContinuousBackups", Self.recovery(35))
            try await tables.put("a")
            tables.advance(hours: 24)
            let wanted = tables.clock.now
            tables.advance(hours: 24)
            try await tables.put("b")
            tables.advance(hours: 48)
            try await tables.call("UpdateContinuousBackups", Self.recovery(1))
            await tables.work()
            try await tables.call("UpdateContinuousBackups", Self.recovery(35))
            let fault = await tables.fault(
                "RestoreTableToPointInTime",
                #"{"SourceTableName":"hash","TargetTableName":"back","RestoreDateTime":\#(wanted.seconds)}"#)
            if fault.hasPrefix("InvalidRestoreTimeException") { return }
            await tables.work()
            let found = try await tables.call("Scan", #"{"TableName":"back"}"#)
            #expect(found["Count"]?.int == 1, "restored to before 'b': \(found)")
        }
    }

    /// A stream table deleted in the middle of a restore; verify and retention go on.
    @Test func sourceDeletedWhileUndoing() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.streamed())
            try await tables.call("UpdateContinuousBackups", Self.recovery(35))
            try await tables.put("a")
            tables.advance(hours: 1)
            let wanted = tables.clock.now
            tables.advance(hours: 1)
            for number in 0..<600 { try await tables.put("b\(number)") }
            await tables.service.stop()
            try await tables.call(
                "RestoreTableToPointInTime",
                #"{"SourceTableName":"hash","TargetTableName":"back","RestoreDateTime":\#(wanted.seconds)}"#)
            while try await CopyWork.advance(tables.service.environment) {}
            try await tables.call("DeleteTable", #"{"TableName":"hash"}"#)
            tables.advance(hours: 30)
            try await tables.call("CreateTable", Schemas.streamed())
            while try await LogRetention.advance(tables.service.environment) {}
            #expect(try VerificationTests.problems(tables) == [])
            while try await RestoreWork.advance(tables.service.environment) {}
            await tables.service.environment.catalog.settle(tables.store)
            #expect(try await tables.call("Scan", #"{"TableName":"back"}"#)["Count"]?.int == 1)
            while try await LogRetention.advance(tables.service.environment) {}
            while try await GarbageCollection.advance(tables.service.environment) {}
            #expect(try VerificationTests.problems(tables) == [])
        }
    }

    /// Between trimming and forgetting, `verify` of a dropped table that had recovery on after its stream.
    @Test func verifyWhileAForgottenStreamWaits() async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.streamed())
            try await tables.put("a")
            try await tables.turnStream(nil)
            try await tables.call("UpdateContinuousBackups", Self.recovery(35))
            try await tables.put("b")
            await tables.service.stop()
            try await tables.call("DeleteTable", #"{"TableName":"hash"}"#)
            #expect(try VerificationTests.problems(tables) == [])
            tables.advance(hours: 25)
            while try await LogRetention.advance(tables.service.environment) {
                #expect(try VerificationTests.problems(tables) == [])
            }
            while try await GarbageCollection.advance(tables.service.environment) {}
            #expect(try VerificationTests.problems(tables) == [])
        }
    }
}

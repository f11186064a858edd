import JSON
import Store
import Testing

@testable import Expressions
@testable import Tables

/// `emulator verify` sees damage to backups.
@Suite struct BackupCheckTests {
    static func withBackup(_ body: (TestTables, Backup) async throws -> Void) async throws {
        try await withTables { tables in
            try await tables.call("CreateTable", Schemas.hash)
            try await BackgroundWorkTests.put(tables, 5)
            try await tables.call("CreateBackup", #"{"TableName":"hash","BackupName":"abc"}"#)
            let backup = try #require(try tables.store.read { try Backup.all($0) }.first)
            #expect(try problems(tables) == [])
            try await body(tables, backup)
        }
    }

    static func problems(_ tables: TestTables) throws -> [String] {
        try tables.store.verify(checks: TablesService.checks).problems
    }

    static func firstCopy(_ tables: TestTables) throws -> [UInt8] {
        var found: [UInt8] = []
        try tables.store.read { snapshot in
            try snapshot.scan(.copies, from: [], to: nil) { key, _ in
                found = key
                return false
            }
        }
        return found
    }

    @Test func aMissingItem() async throws {
        try await Self.withBackup { tables, backup in
            let key = try Self.firstCopy(tables)
            try await tables.store.commit { $0.delete(.copies, key) }
            let problems = try Self.problems(tables)
            #expect(problems.count == 1)
            #expect(problems.first?.contains("says 5 items") == true)
            #expect(problems.first?.contains("it holds 4") == true)
        }
    }

    @Test func anItemThatCannotBeRead() async throws {
        try await Self.withBackup { tables, backup in
            let key = try Self.firstCopy(tables)
            try await tables.store.commit { $0.put(.copies, key, [1, 2, 3]) }
            #expect(try Self.problems(tables).contains { $0.contains("cannot be read") })
        }
    }

    @Test func aStrayItem() async throws {
        try await Self.withBackup { tables, backup in
            try await tables.store.commit { $0.put(.copies, [0, 0, 99, 0, 1, 2], []) }
            #expect(
                try Self.problems(tables).contains { $0.contains("belongs to no backup and to no restore") })
        }
    }

    @Test func aForgottenMark() async throws {
        try await Self.withBackup { tables, backup in
            let key = KeyEncoding.prefix(backup.id) + [9, 9]
            try await tables.store.commit { $0.put(.copies, key, []) }
            #expect(try Self.problems(tables).contains { $0.contains("a complete copy holds the mark") })
        }
    }

    @Test func aBackupThatNobodyCompletes() async throws {
        try await Self.withBackup { tables, backup in
            try await tables.store.commit { transaction in
                var backup = backup
                backup.isComplete = false
                backup.write(in: transaction)
            }
            #expect(try Self.problems(tables).contains { $0.contains("nobody completes it") })
        }
    }
}

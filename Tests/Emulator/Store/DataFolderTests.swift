import Foundation
import Seeded
import Store
import Testing

@Suite struct DataFolderTests {
    let folder = TemporaryFolder()

    @Test func aSecondUserIsRefused() throws {
        let store = try Store.open(at: folder.store)
        #expect(throws: StoreError.locked(path: folder.store)) { try Store.open(at: folder.store) }
        try expectSound(store)
        store.close()
        try expectSound(Store.open(at: folder.store))
    }

    @Test func aUserWhoIsJustLeavingIsWaitedFor() async throws {
        let store = try Store.open(at: folder.store)
        // As a child that a killed process was just starting: it lets go by itself.
        let path = folder.store
        let leaving = Task {
            try await Task.sleep(for: .milliseconds(50))
            store.close()
        }
        try await expectSound(onThread { try Store.open(at: path) })
        try await leaving.value
    }

    @Test func aNewerVersionIsRefusedAndLeftAlone() async throws {
        let store = try Store.open(at: folder.store)
        try await store.put("a", "1")
        store.close()
        let format = URL(fileURLWithPath: folder.store + "/FORMAT")
        let original = try Data(contentsOf: format)
        try Data("store-format 7\n".utf8).write(to: format)
        #expect(throws: StoreError.newerVersion(found: 7, supported: 1, path: folder.store)) {
            try Store.open(at: folder.store)
        }
        #expect(try Data(contentsOf: format) == Data("store-format 7\n".utf8))
        try original.write(to: format)
        let again = try Store.open(at: folder.store)
        #expect(try again.value("a") == "1")
        try expectSound(again)
    }

    @Test(arguments: ["", "store-format", "store-format x\n", "store-format 0\n", "other 1\n"])
    func anUnreadableFormatIsRefused(_ text: String) throws {
        try Store.open(at: folder.store).close()
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.store + "/FORMAT"))
        let refusal = StoreError.corrupt("\(folder.store)/FORMAT does not name a format")
        #expect(throws: refusal) { try Store.open(at: folder.store) }
    }

    /// A folder with somebody's `blobs` in it must not be swept.
    @Test func aForeignFolderIsRefusedAndLeftAlone() throws {
        let precious = folder.store + "/blobs/aa/bb/photo.jpg"
        try FileManager.default.createDirectory(
            atPath: folder.store + "/blobs/aa/bb", withIntermediateDirectories: true)
        try Data("photo".utf8).write(to: URL(fileURLWithPath: precious))
        #expect(throws: StoreError.self) { try Store.open(at: folder.store) }
        #expect(FileManager.default.fileExists(atPath: precious))
    }

    @Test func anUnwritablePlaceIsNamedWithItsReason() throws {
        let file = folder.path + "/file"
        try Data().write(to: URL(fileURLWithPath: file))
        let error = #expect(throws: StoreError.self) { try Store.open(at: file + "/data") }
        guard case .notWritable(let path, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(path == file + "/data")
        #expect(reason.hasSuffix("Not a directory") || reason.hasSuffix("File exists"))
    }

    @Test func damagedLogIsReportedNotDropped() async throws {
        let store = try Store.open(at: folder.store)
        for number in 0..<50 { try await store.put("k\(number)", String(repeating: "v", count: 2000)) }
        store.close()
        let database = folder.store + "/db"
        let logs = try FileManager.default.contentsOfDirectory(atPath: database)
            .filter { $0.hasSuffix(".log") }
        let log = try #require(logs.max())
        let handle = try #require(FileHandle(forUpdatingAtPath: database + "/" + log))
        handle.seek(toFileOffset: 30_000)
        handle.write(Data(repeating: 0xAA, count: 64))
        handle.closeFile()
        let error = #expect(throws: StoreError.self) { try Store.open(at: folder.store) }
        guard case .corrupt = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func verifyFindsDamagedTables() async throws {
        var generator = SeededRandom(seed: 1)
        var store = try Store.open(at: folder.store)
        for number in 0..<40 {
            let value = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
            try await store.commit { $0.put(.items, bytes("k\(number)"), value) }
        }
        try expectSound(store)
        // Closing writes so long a log out as a table.
        store.close()
        let database = folder.store + "/db"
        let files = try FileManager.default.contentsOfDirectory(atPath: database)
        let table = try #require(files.first { $0.hasSuffix(".sst") })
        let handle = try #require(FileHandle(forUpdatingAtPath: database + "/" + table))
        try handle.seek(toOffset: 1_000_000)
        try handle.write(contentsOf: Data(repeating: 0xAA, count: 16))
        try handle.close()
        store = try Store.open(at: folder.store)
        let problems = try store.verify().problems
        #expect(problems.count == 1)
        #expect(problems.first?.contains("stored data is damaged: Corruption") == true, "\(problems)")
    }

    @Test func errorsAreSentences() {
        #expect(
            StoreError.newerVersion(found: 3, supported: 1, path: "/d").description
                == "data folder /d has format 3, this program supports up to 1")
        #expect(
            StoreError.io(call: "open", errno: ENOENT, path: "/x").description
                == "open /x: No such file or directory")
    }
}

import Foundation
import Testing

@testable import Store

/// Logs as a power cut may leave them, and logs that are damaged.
@Suite struct LogTailTests {
    let folder = TemporaryFolder()

    /// Writes values of these sizes, one commit each, as a process that is killed then.
    /// - Returns: the path of the log.
    func written(_ sizes: [Int]) async throws -> String {
        let store = try Store.open(at: folder.store)
        for (number, size) in sizes.enumerated() {
            try await store.commit {
                $0.put(.items, bytes("k\(number)"), [UInt8](repeating: UInt8(number + 65), count: size))
            }
        }
        store.close()
        try FileManager.default.removeItem(atPath: folder.store + "/CLEAN")
        let database = folder.store + "/db"
        let logs = try FileManager.default.contentsOfDirectory(atPath: database)
            .filter { $0.hasSuffix(".log") }
        return database + "/" + (try #require(logs.max()))
    }

    /// Overwrites a part of the file. Negative places count from its end.
    func damage(_ path: String, at place: Int, count: Int, with byte: UInt8 = 0) throws {
        let handle = try #require(FileHandle(forUpdatingAtPath: path))
        let end = Int(try handle.seekToEnd())
        try handle.seek(toOffset: UInt64(place < 0 ? end + place : place))
        try handle.write(contentsOf: Data(repeating: byte, count: count))
        try handle.close()
    }

    func keys() throws -> [String] {
        let store = try Store.open(at: folder.store)
        defer { store.close() }
        try expectSound(store)
        return try store.keys()
    }

    /// Holes of many sizes in the last record, which spans several blocks.
    @Test(arguments: [(-90_000, 4096), (-60_000, 20_000), (-40_000, 39_000), (-99_900, 90_000), (-10, 10)])
    func aHoleInTheLastRecord(place: Int, count: Int) async throws {
        for byte: UInt8 in [0, 0xAA] {
            let path = try await written([100, 50_000, 100_000])
            try damage(path, at: place, count: count, with: byte)
            #expect(try keys() == ["k0", "k1"])
            // It stays open for what comes.
            let store = try Store.open(at: folder.store)
            try await store.put("more", "value")
            store.close()
            #expect(try keys() == ["k0", "k1", "more"])
            try FileManager.default.removeItem(atPath: folder.store)
        }
    }

    @Test(arguments: [2, 3])
    func aHoleInASmallLastRecord(count: Int) async throws {
        let path = try await written([Int](repeating: 100, count: count))
        try damage(path, at: -60, count: 40)
        #expect(try keys() == (0..<count - 1).map { "k\($0)" })
    }

    /// What is followed by another record had been synced.
    @Test(arguments: [[50_000, 100, 100_000], [100, 60_000, 100], [100, 100, 100]], [0, 0xAA as UInt8])
    func damageBeforeTheLastRecordIsLeftAlone(sizes: [Int], byte: UInt8) async throws {
        let path = try await written(sizes)
        try damage(path, at: sizes[0] == 100 && sizes[1] == 60_000 ? 30_000 : 70, count: 40, with: byte)
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(throws: StoreError.self) { try Store.open(at: folder.store) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }

    @Test func aWholeLogHasNoTornRecord() async throws {
        let path = try await written([0, 1, 100, 32_700, 32_761, 32_768, 200_000])
        #expect(try LogTail.tornRecord(path) == nil)
    }

    /// After a clean end nothing can be torn, so damage is damage.
    @Test func nothingIsMendedAfterACleanEnd() async throws {
        let path = try await written([100, 100])
        try Data().write(to: URL(fileURLWithPath: folder.store + "/CLEAN"))
        try damage(path, at: -60, count: 40)
        #expect(throws: StoreError.self) { try Store.open(at: folder.store) }
    }
}

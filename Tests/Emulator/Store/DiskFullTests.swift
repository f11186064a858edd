import Foundation
import Seeded
import Store
import Testing

/// A small file system in memory. Only root may make one.
private final class TinyDisk: Sendable {
    let folder = TemporaryFolder()

    init?(megabytes: Int) {
        guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(megabytes)m") == 0 else { return nil }
    }

    deinit { umount2(folder.path, Int32(MNT_DETACH)) }

    static let isPossible: Bool = TinyDisk(megabytes: 1) != nil
}

@Suite struct DiskFullTests {
    /// On the small disk the log fills up, on the large one the tables that RocksDB writes in the background.
    @Test(.enabled(if: TinyDisk.isPossible, "mounting a tmpfs needs root"), arguments: [24, 100])
    func aFullDiskLosesNothingAndHeals(megabytes: Int) async throws {
        let disk = try #require(TinyDisk(megabytes: megabytes))
        let path = disk.folder.path + "/data"
        let ballast = disk.folder.path + "/ballast"
        var store = try Store.open(at: path)
        try Data(repeating: 1, count: megabytes << 19).write(to: URL(fileURLWithPath: ballast))

        // Incompressible, so that tables need as much room as the log.
        var generator = SeededRandom(seed: 4)
        let value = [UInt8]((0..<128 << 10).map { _ in UInt8.random(in: 0...255, using: &generator) })
        var acknowledged: [String] = []
        var failures = 0
        // A failed background job gives space back, so some writes may get through after the first failure.
        for number in 0..<2000 where failures < 20 {
            do {
                let key = String(format: "k%04d", number)
                try await store.commit { $0.put(.items, bytes(key), value) }
                acknowledged.append(key)
            } catch {
                #expect(error as? StoreError == .diskFull)
                failures += 1
            }
        }
        #expect(failures == 20)
        #expect(acknowledged.count > 10)
        #expect(throws: StoreError.diskFull) {
            try store.blobs.write([UInt8](repeating: 1, count: megabytes << 19))
        }
        #expect(try store.keys(from: "k") == acknowledged, "reads go on while the disk is full")
        try expectSound(store)

        try FileManager.default.removeItem(atPath: ballast)
        try await store.put("later", "works")
        #expect(try store.keys(from: "k") == acknowledged + ["later"])
        try expectSound(store)
        store.close()
        store = try Store.open(at: path)
        #expect(try store.keys(from: "k") == acknowledged + ["later"])
        #expect(try store.read { try $0.get(.items, bytes(acknowledged[0])) } == value)
        try expectSound(store)
        store.close()

        // Opening needs some space: on a full disk it says so and leaves everything as it is.
        #expect(FileManager.default.createFile(atPath: ballast, contents: nil))
        let filler = try #require(FileHandle(forWritingAtPath: ballast))
        while (try? filler.write(contentsOf: Data(repeating: 1, count: 4096))) != nil {}
        #expect(throws: StoreError.diskFull) { try Store.open(at: path) }
        try FileManager.default.removeItem(atPath: ballast)
        try filler.close()
        store = try Store.open(at: path)
        #expect(try store.keys(from: "k") == acknowledged + ["later"])
        try expectSound(store)
        store.close()
    }
}

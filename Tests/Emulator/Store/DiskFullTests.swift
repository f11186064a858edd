import Foundation
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
    @Test(.enabled(if: TinyDisk.isPossible, "mounting a tmpfs needs root"))
    func aFullDiskLosesNothingAndHeals() async throws {
        let disk = try #require(TinyDisk(megabytes: 24))
        let path = disk.folder.path + "/data"
        let ballast = disk.folder.path + "/ballast"
        var store = try Store.open(at: path)
        try Data(repeating: 1, count: 10 << 20).write(to: URL(fileURLWithPath: ballast))

        let value = String(repeating: "0123456789abcdef", count: 8192)
        var acknowledged: [String] = []
        var failure: (any Error)?
        for number in 0..<1000 where failure == nil {
            do {
                let key = String(format: "k%04d", number)
                try await store.put(key, value)
                acknowledged.append(key)
            } catch {
                failure = error
            }
        }
        #expect(failure as? StoreError == .diskFull)
        #expect(acknowledged.count > 10)
        await #expect(throws: StoreError.diskFull) { try await store.put("more", value) }
        #expect(throws: StoreError.diskFull) {
            try store.blobs.write([UInt8](repeating: 1, count: 16 << 20))
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
        #expect(try store.value(acknowledged[0]) == value)
        try expectSound(store)
        store.close()
    }
}

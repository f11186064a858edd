import Foundation
import Store
import Testing
import Waiting

private struct Refused: Error {}

@Suite struct BlobTests {
    let folder = TemporaryFolder()

    private func content(_ store: Store, _ blob: BlobID) throws -> Data {
        let descriptor = try store.blobs.open(blob)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true).readDataToEndOfFile()
    }

    @Test func attachedBlobsSurviveAndReleasedOnesGo() async throws {
        var store = try Store.open(at: folder.store)
        let body = [UInt8](repeating: 65, count: 100_000)
        let blob = try store.blobs.write(body)
        try await store.commit { $0.attach(blob, length: 100_000) }
        store.close()
        store = try Store.open(at: folder.store)
        #expect(try content(store, blob) == Data(body))
        #expect(try store.verify().blobBytes == 100_000)
        let descriptor = try store.blobs.open(blob)
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try await store.commit { $0.release(blob) }
        #expect(handle.readDataToEndOfFile() == Data(body), "an open reader keeps the bytes")
        store.close()
        #expect(blobFiles(folder.store) == [])
        #expect(throws: StoreError.self) { try store.blobs.open(blob) }
        try expectSound(Store.open(at: folder.store))
    }

    @Test func aStagedFileIsMoved() async throws {
        let store = try Store.open(at: folder.store)
        let staged = store.blobs.stagingDirectory + "/upload"
        try Data("hello".utf8).write(to: URL(fileURLWithPath: staged))
        let blob = try store.blobs.adopt(stagedPath: staged)
        #expect(!FileManager.default.fileExists(atPath: staged))
        #expect(FileManager.default.fileExists(atPath: store.blobs.path(of: blob)))
        try expectSound(store)
        try await store.commit { $0.attach(blob, length: 5) }
        #expect(try store.verify().blobCount == 1)
        store.blobs.discard(blob)
        #expect(try content(store, blob) == Data("hello".utf8), "a live blob cannot be discarded")
        try expectSound(store)
    }

    @Test func aFailedBodyTakesItsBlobAlong() async throws {
        let store = try Store.open(at: folder.store)
        let blob = try store.blobs.write([1, 2, 3])
        await #expect(throws: Refused.self) {
            try await store.commit { transaction in
                transaction.attach(blob, length: 3)
                throw Refused()
            }
        }
        #expect(blobFiles(folder.store) == [])
        try expectSound(store)
    }

    @Test func adoptedButNeverAttachedBlobsGoWithTheStore() async throws {
        let store = try Store.open(at: folder.store)
        _ = try store.blobs.write([1, 2, 3])
        try Data("junk".utf8).write(to: URL(fileURLWithPath: store.blobs.stagingDirectory + "/junk"))
        #expect(blobFiles(folder.store).count == 1)
        store.close()
        #expect(blobFiles(folder.store) == [])
        let again = try Store.open(at: folder.store)
        #expect(try FileManager.default.contentsOfDirectory(atPath: again.blobs.stagingDirectory) == [])
        try expectSound(again)
    }

    /// A read that began before the release still opens what its snapshot shows.
    @Test func aReaderCanOpenWhatItsSnapshotShows() async throws {
        let store = try Store.open(at: folder.store)
        let blob = try store.blobs.write(bytes("seen"))
        try await store.commit { $0.attach(blob, length: 4) }
        let inside = DispatchSemaphore(value: 0)
        let released = DispatchSemaphore(value: 0)
        async let reader = onThread {
            try store.read { _ -> Data in
                inside.signal()
                released.wait()
                usleep(20_000)
                let descriptor = try store.blobs.open(blob)
                return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true).readDataToEndOfFile()
            }
        }
        try await onThread { inside.wait() }
        try await store.commit { $0.release(blob) }
        released.signal()
        #expect(try await reader == Data("seen".utf8))
        // The file goes shortly after the last such reader, without any further commit.
        #expect(await eventually { blobFiles(folder.store).isEmpty })
        try expectSound(store)
    }

    @Test func damageIsFound() async throws {
        let store = try Store.open(at: folder.store)
        var blobs: [BlobID] = []
        for size in 1...3 {
            let blob = try store.blobs.write([UInt8](repeating: 1, count: size))
            try await store.commit { $0.attach(blob, length: Int64(size)) }
            blobs.append(blob)
        }
        try expectSound(store)
        try FileManager.default.removeItem(atPath: store.blobs.path(of: blobs[0]))
        try Data().write(to: URL(fileURLWithPath: store.blobs.path(of: blobs[1])))
        let stray = folder.store + "/blobs/00/00"
        try FileManager.default.createDirectory(atPath: stray, withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: stray + "/stray"))
        let problems = try store.verify().problems.sorted()
        let expected = [
            "stored-blobs: blob \(blobs[0].text) has no file",
            "stored-blobs: blob \(blobs[1].text) has 0 bytes instead of 2",
            "blob-files: file blobs/00/00/stray belongs to no entry",
        ]
        #expect(problems == expected.sorted())
    }

    @Test func identifiersCannotLeaveTheFolder() {
        #expect(BlobID("../../../../etc/passwd0123456789ab") == nil)
        #expect(BlobID("0123456789ABCDEF0123456789abcdef") == nil)
        #expect(BlobID("") == nil)
        #expect(BlobID("0123456789abcdef0123456789abcdef") != nil)
    }

    @Test func aCheckpointIsAStoreOfItsOwn() async throws {
        let store = try Store.open(at: folder.store)
        let blob = try store.blobs.write(bytes("blob"))
        try await store.commit { transaction in
            transaction.attach(blob, length: 4)
            transaction.put(.items, bytes("a"), bytes("before"))
        }
        let copy = folder.path + "/copy"
        try store.checkpoint(to: copy)
        #expect(throws: StoreError.notWritable(path: copy, reason: "the folder is not empty")) {
            try store.checkpoint(to: copy)
        }
        try await store.commit { transaction in
            transaction.release(blob)
            transaction.put(.items, bytes("a"), bytes("after"))
        }
        try expectSound(store)
        let second = try Store.open(at: copy)
        #expect(try second.value("a") == "before")
        #expect(try content(second, blob) == Data("blob".utf8))
        try await second.put("b", "own")
        #expect(try store.value("b") == nil)
        try expectSound(second)
    }
}

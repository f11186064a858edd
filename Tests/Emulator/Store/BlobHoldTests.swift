import Foundation
import Store
import Testing
import Waiting

@Suite struct BlobHoldTests {
    let folder = TemporaryFolder()

    private func store(_ faults: FaultInjector = .none) throws -> Store {
        try Store.open(at: folder.store, options: Store.Options(faults: faults))
    }

    private func attached(_ count: Int, in store: Store) async throws -> [BlobID] {
        var blobs: [BlobID] = []
        for number in 0..<count { blobs.append(try store.blobs.write(bytes("blob \(number)"))) }
        let all = blobs
        try await store.commit { transaction in
            for blob in all { transaction.attach(blob, length: 6) }
        }
        return blobs
    }

    private func release(_ blobs: [BlobID], in store: Store) async throws {
        try await store.commit { transaction in
            for blob in blobs { transaction.release(blob) }
        }
    }

    private func isThere(_ blob: BlobID, _ store: Store) -> Bool {
        FileManager.default.fileExists(atPath: store.blobs.path(of: blob))
    }

    /// Files go in the background, soon after nobody wants them.
    private func filesBecome(_ count: Int) async -> Bool {
        await eventually { blobFiles(folder.store).count == count }
    }

    @Test func heldFilesStayUntilTheHoldGoes() async throws {
        let store = try store()
        let blobs = try await attached(3, in: store)
        var hold: BlobHold? = try store.read { _ in store.blobs.hold([blobs[0], blobs[1]]) }
        try await release(blobs, in: store)
        #expect(await filesBecome(2), "the one that nobody holds goes")
        try await Task.sleep(for: .milliseconds(250))
        #expect(isThere(blobs[0], store) && isThere(blobs[1], store))
        try expectSound(store)
        withExtendedLifetime(hold) {}
        hold = nil
        #expect(await filesBecome(0), "no further commit is needed")
        try expectSound(store)
    }

    @Test func theLastOfSeveralHoldsCounts() async throws {
        let store = try store()
        let blobs = try await attached(1, in: store)
        var first: BlobHold? = try store.read { _ in store.blobs.hold(blobs) }
        var second: BlobHold? = try store.read { _ in store.blobs.hold(blobs + blobs) }
        try await release(blobs, in: store)
        withExtendedLifetime(first) {}
        first = nil
        try await store.put("a", "commit")
        try await Task.sleep(for: .milliseconds(250))
        #expect(isThere(blobs[0], store))
        withExtendedLifetime(second) {}
        second = nil
        #expect(await filesBecome(0))
    }

    @Test func aHoldOfLiveBlobsLeavesNoTrace() async throws {
        let store = try store()
        let blobs = try await attached(2, in: store)
        do { _ = try store.read { _ in store.blobs.hold(blobs) } }
        try await release([blobs[0]], in: store)
        #expect(await filesBecome(1))
        #expect(isThere(blobs[1], store))
        try expectSound(store)
    }

    @Test func manyFilesGoThoughCommitsGoOn() async throws {
        let store = try store()
        let blobs = try await attached(300, in: store)
        try await release(blobs, in: store)
        for number in 0..<20 { try await store.put("k\(number)", "v") }
        #expect(await filesBecome(0))
        try expectSound(store)
    }

    @Test func closingDoesNotWaitForHolds() async throws {
        var store: Store? = try store()
        let blobs = try await attached(2, in: store!)
        let hold = try store!.read { _ in store!.blobs.hold(blobs) }
        try await release([blobs[0]], in: store!)
        store!.close()
        store = nil
        #expect(blobFiles(folder.store).count == 1)
        withExtendedLifetime(hold) {}
        let again = try self.store()
        #expect(isThere(blobs[1], again))
        try expectSound(again)
    }

    /// The state of the disk at the moment of a crash, while a reader still held a released blob.
    @Test func aCrashLeavesNoHeldFile() async throws {
        let store = try store()
        let blobs = try await attached(2, in: store)
        let hold = try store.read { _ in store.blobs.hold(blobs) }
        try await release([blobs[0]], in: store)
        let crashed = folder.path + "/crashed"
        try FileManager.default.copyItem(atPath: folder.store, toPath: crashed)
        #expect(blobFiles(crashed).count == 2)
        let again = try Store.open(at: crashed)
        #expect(blobFiles(crashed).count == 1)
        try expectSound(again)
        withExtendedLifetime(hold) {}
    }

    @Test(arguments: 1...3) func aRemovalThatFailsIsTriedAgain(occurrence: Int) async throws {
        let store = try store(.fail(at: .blobUnlink, occurrence: occurrence))
        let blobs = try await attached(3, in: store)
        var hold: BlobHold? = try store.read { _ in store.blobs.hold([blobs[1]]) }
        try await release(blobs, in: store)
        #expect(await filesBecome(1))
        withExtendedLifetime(hold) {}
        hold = nil
        #expect(await filesBecome(0))
        try expectSound(store)
    }

    /// Readers in flight while the blobs are released under them; each has to find all of its files.
    @Test func readersInFlightFindAllFiles() async throws {
        let store = try store()
        let (rounds, parts) = (20, 12)
        for round in 0..<rounds {
            let blobs = try await attached(parts, in: store)
            let inside = DispatchSemaphore(value: 0)
            async let found = onThread {
                let hold = try store.read { _ -> BlobHold in
                    let hold = store.blobs.hold(blobs)
                    inside.signal()
                    usleep(UInt32(round) * 500)
                    return hold
                }
                return try withExtendedLifetime(hold) {
                    try blobs.map { blob -> Int in
                        usleep(1_000)
                        let descriptor = try store.blobs.open(blob)
                        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
                        return handle.readDataToEndOfFile().count
                    }
                }
            }
            try await onThread { inside.wait() }
            try await release(blobs, in: store)
            #expect(try await found.allSatisfy { $0 >= 6 })
        }
        #expect(await filesBecome(0))
        try expectSound(store)
    }
}

import Foundation
import Seeded
import Store
import Synchronization
import Testing
import Waiting

private final class Counts: Sendable {
    private let counts = Mutex<[FaultPoint: Int]>([:])

    func next(_ point: FaultPoint) -> Int {
        counts.withLock {
            $0[point, default: 0] += 1
            return $0[point, default: 0]
        }
    }
}

/// What one run of the script has done for certain, kept in a file outside the store: one line per
/// acknowledged step.
private struct Journal {
    let path: String

    func note(_ line: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        let text = line + "\n"
        _ = text.withCString { write(descriptor, $0, strlen($0)) }
        close(descriptor)
    }

    var lines: [String] {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }
}

/// Passes every fault point at least once.
private func runScript(_ root: String, _ journal: Journal, _ faults: FaultInjector) async throws {
    let path = root + "/data"
    let options = Store.Options(faults: faults)
    var store = try Store.open(at: path, options: options)
    for number in 0..<3 {
        let blob = try store.blobs.write([UInt8](repeating: 9, count: 1000 + number))
        try await store.commit { transaction in
            transaction.attach(blob, length: Int64(1000 + number))
            transaction.put(.objects, bytes("object\(number)"), bytes(blob.text))
            transaction.put(.items, bytes("item\(number)"), bytes("v"))
            transaction.put(.settings, bytes("last"), bytes("\(transaction.nextSequence())"))
        }
        journal.note("put \(number)")
    }
    try await store.commit { transaction in
        let text = try transaction.get(.objects, bytes("object0")) ?? []
        if let blob = BlobID(String(decoding: text, as: UTF8.self)) { transaction.release(blob) }
        transaction.delete(.objects, bytes("object0"))
        transaction.delete(.items, bytes("item0"))
    }
    journal.note("delete 0")
    try store.checkpoint(to: root + "/copy")
    journal.note("checkpoint")
    // Leave traces for the sweeps of the next open.
    _ = try store.blobs.write([1, 2, 3])
    let stray = store.blobs.stagingDirectory + "/stray"
    store.close()
    try Data([1]).write(to: URL(fileURLWithPath: stray))
    let orphan = path + "/blobs/00/11"
    try FileManager.default.createDirectory(atPath: orphan, withIntermediateDirectories: true)
    try Data([1]).write(to: URL(fileURLWithPath: orphan + "/0011" + String(repeating: "0", count: 28)))
    try? FileManager.default.removeItem(atPath: path + "/CLEAN")
    store = try Store.open(at: path, options: options)
    try await store.put("item9", "v")
    journal.note("put 9")
    store.close()
    // The state is replaced by a copy of itself.
    try Store.copyFolder(path, to: root + "/next", faults: faults)
    try Store.exchangeFolder(path, with: root + "/next", faults: faults)
    journal.note("exchange")
}

/// All acknowledged steps show, the one under way shows wholly or not at all.
private func check(_ root: String, _ journal: Journal, _ comment: Comment) async throws {
    let store = try Store.open(at: root + "/data")
    let lines = journal.lines
    for number in 0..<3 {
        let item = try store.value("item\(number)")
        let object = try store.value("object\(number)", .objects)
        #expect((item == nil) == (object == nil), "commits are atomic; \(comment)")
        if lines.contains("delete 0"), number == 0 {
            #expect(item == nil, comment)
        } else if lines.contains("put \(number)"), number > 0 || lines.last != "put 2" {
            #expect(item == "v", comment)
        }
        if let object {
            let blob = try #require(BlobID(object))
            let size = try FileManager.default.attributesOfItem(atPath: store.blobs.path(of: blob))[.size]
            #expect(size as? Int == 1000 + number, comment)
        }
    }
    if lines.contains("put 9") { #expect(try store.value("item9") == "v", comment) }
    let stored = UInt64(try store.value("last", .settings) ?? "0") ?? 0
    #expect(try await store.commit { $0.nextSequence() } > stored, comment)
    let staged = try FileManager.default.contentsOfDirectory(atPath: store.blobs.stagingDirectory)
    #expect(staged == [], comment)
    try await store.put("after", "works")
    #expect(try store.value("after") == "works")
    try expectSound(store)
    store.close()
    // The files that are there are exactly the live ones.
    let live = try Store.open(at: root + "/data")
    #expect(try live.verify().blobCount == blobFiles(root + "/data").count, comment)
    if FileManager.default.fileExists(atPath: root + "/copy/FORMAT") {
        let copy = try Store.open(at: root + "/copy")
        #expect(try copy.value("item2") == "v", comment)
        try expectSound(copy)
    }
}

@Suite struct FaultTests {
    /// Points reached only after a write has failed; they have a test of their own.
    static let onlyAfterFailure: Set<FaultPoint> = [.engineReopen]

    /// The process dies at the point, as by `kill -9`.
    @Test(arguments: FaultPoint.allCases.filter { !onlyAfterFailure.contains($0) })
    func aKilledProcessLosesNothing(at point: FaultPoint) async throws {
        let folder = TemporaryFolder()
        let (root, name) = (folder.path, point.rawValue)
        await #expect(processExitsWith: .signal(SIGKILL)) { [root = root as String, name = name as String] in
            let point = try #require(FaultPoint(rawValue: name))
            try await runScript(root, Journal(path: root + "/journal"), .kill(at: point))
        }
        try await check(root, Journal(path: root + "/journal"), "killed at \(name)")
    }

    /// Sixteen writers share batches when the process dies; what anybody was told is there.
    @Test(arguments: 1...6) func aKillUnderLoadLosesNothing(round: Int) async throws {
        let folder = TemporaryFolder()
        var generator = SeededRandom.fresh("aKillUnderLoadLosesNothing")
        let point = Bool.random(using: &generator) ? FaultPoint.commitWrite : .commitAcknowledge
        let occurrence = Int.random(in: 5...80, using: &generator)
        let (root, name) = (folder.path, point.rawValue)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [root = root as String, name = name as String, occurrence = occurrence as Int] in
            let point = try #require(FaultPoint(rawValue: name))
            let faults = FaultInjector.kill(at: point, occurrence: occurrence)
            let store = try Store.open(at: root + "/data", options: .init(faults: faults))
            let journal = Journal(path: root + "/journal")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<16 {
                    group.addTask {
                        for number in 0..<1000 {
                            let key = "\(writer)/\(number)"
                            try await store.commit { transaction in
                                transaction.put(.items, bytes(key), bytes("v"))
                                transaction.put(.indexEntries, bytes(key), bytes("v"))
                            }
                            journal.note(key)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        let store = try Store.open(at: folder.store)
        let acknowledged = Journal(path: root + "/journal").lines
        #expect(Set(acknowledged).subtracting(try store.keys()) == [], "seed \(generator.seed)")
        let report = try store.verify()
        #expect(report.problems == [])
        #expect(report.entries[.items] == report.entries[.indexEntries], "seed \(generator.seed)")
    }

    /// The step fails, the process goes on and opens the folder again.
    @Test(arguments: FaultPoint.allCases.filter { !onlyAfterFailure.contains($0) }, [1, 2])
    func aFailedStepLosesNothing(at point: FaultPoint, occurrence: Int) async throws {
        let folder = TemporaryFolder()
        let journal = Journal(path: folder.path + "/journal")
        do {
            try await runScript(folder.path, journal, .fail(at: point, occurrence: occurrence))
        } catch let error as StoreError {
            #expect(error == .injected(point))
        }
        try await check(folder.path, journal, "\(point.rawValue) failed")
    }

    @Test(arguments: [FaultPoint.commitWrite, .commitAcknowledge, .engineReopen])
    func theStoreRecoversFromAFailedWrite(at point: FaultPoint) async throws {
        let folder = TemporaryFolder()
        let writes = point == .engineReopen ? FaultPoint.commitWrite : point
        let counts = Counts()
        let faults = FaultInjector { (current: FaultPoint) throws(StoreError) in
            let count = counts.next(current)
            if current == writes, count == 2 { throw .injected(current) }
            if point == .engineReopen, current == .engineReopen, count <= 3 { throw .injected(current) }
        }
        let store = try Store.open(at: folder.store, options: .init(faults: faults))
        try await store.put("a", "1")
        let blob = try store.blobs.write([1, 2, 3])
        await #expect(throws: StoreError.injected(writes)) {
            try await store.commit { transaction in
                transaction.attach(blob, length: 3)
                transaction.put(.items, bytes("b"), bytes("2"))
                _ = transaction.nextSequence()
            }
        }
        #expect(try store.value("a") == "1", "reads go on")
        let answered = try await eventually {
            do {
                try await store.put("c", "3")
                return true
            } catch StoreError.injected(.engineReopen) {
                return false
            }
        }
        #expect(answered)
        // Synced, but never acknowledged: both are allowed, together with the blob.
        let isWritten = point == .commitAcknowledge
        #expect(try store.value("b") == (isWritten ? "2" : nil))
        #expect(try store.verify().blobCount == (isWritten ? 1 : 0))
        try expectSound(store)
        store.close()
        #expect(blobFiles(folder.store).count == (isWritten ? 1 : 0))
        let again = try Store.open(at: folder.store)
        #expect(try await again.commit { $0.nextSequence() } >= 1)
        #expect(try again.value("c") == "3")
        try expectSound(again)
    }

    /// A commit that reached the log but was reported as failed, then a close before the engine recovered:
    /// whichever version the next start finds, its blob is there.
    @Test func closingAfterAFailedSyncKeepsBothVersionsBlobs() async throws {
        let folder = TemporaryFolder()
        let counts = Counts()
        let faults = FaultInjector { (current: FaultPoint) throws(StoreError) in
            if current == .commitAcknowledge, counts.next(current) == 2 { throw .injected(current) }
            if current == .engineReopen { throw .injected(current) }
        }
        let store = try Store.open(at: folder.store, options: .init(faults: faults))
        let old = try store.blobs.write([1, 1, 1])
        try await store.commit { transaction in
            transaction.attach(old, length: 3)
            transaction.put(.objects, bytes("k"), bytes(old.text))
        }
        let new = try store.blobs.write([2, 2, 2])
        await #expect(throws: StoreError.self) {
            try await store.commit { transaction in
                transaction.attach(new, length: 3)
                transaction.release(old)
                transaction.put(.objects, bytes("k"), bytes(new.text))
            }
        }
        store.close()
        let again = try Store.open(at: folder.store)
        let current = try #require(try again.read { try $0.get(.objects, bytes("k")) })
        let blob = try #require(BlobID(String(decoding: current, as: UTF8.self)))
        close(try again.blobs.open(blob))
        try expectSound(again)
    }
}

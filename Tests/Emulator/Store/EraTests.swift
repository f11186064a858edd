import Foundation
import Store
import Synchronization
import Testing

/// Whoever keeps what was read under steady keys relies on this.
@Suite struct EraTests {
    private func open(_ folder: TemporaryFolder, _ faults: FaultInjector = .none) throws -> Store {
        try Store.open(at: folder.store, options: Store.Options(faults: faults))
    }

    @Test func staysUntilASteadyKeyChanges() async throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        let first = try #require(store.era)
        try await store.put("b1", "v")
        try await store.put("o1", "v", .objects)
        try await store.commit { $0.put(.objects, [], bytes("v")) }
        #expect(store.era == first)
        try await store.put("b1", "v", .objects)
        let second = try #require(store.era)
        #expect(second > first)
        try await store.commit { $0.delete(.objects, bytes("b1")) }
        #expect(try #require(store.era) > second)
        try expectSound(store)
    }

    @Test func aSnapshotKeepsItsOwn() async throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        try await store.put("b1", "v", .objects)
        let now = store.era
        let seen = try store.read { $0.era }
        #expect(seen == now && seen != nil)
        try expectSound(store)
    }

    @Test func aTransactionHasNoneOnceItChangedASteadyKey() async throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        let now = store.era
        let eras = try await store.commit { transaction in
            let before = transaction.era
            transaction.put(.objects, bytes("o1"), bytes("v"))
            let between = transaction.era
            transaction.put(.objects, bytes("b1"), bytes("v"))
            return [before, between, transaction.era]
        }
        #expect(eras == [now, now, nil])
        try expectSound(store)
    }

    @Test(arguments: [FaultPoint.commitWrite, .commitAcknowledge])
    func afterAFailedCommitThereIsOneAgain(_ point: FaultPoint) async throws {
        let folder = TemporaryFolder()
        let store = try open(folder, .fail(at: point, occurrence: 2))
        try await store.put("b1", "v", .objects)
        let before = try #require(store.era)
        await #expect(throws: StoreError.self) { try await store.put("b1", "w", .objects) }
        try await store.put("b1", "x", .objects)
        #expect(try #require(store.era) > before)
        #expect(try store.value("b1", .objects) == "x")
        try expectSound(store)
    }

    /// The property itself, with commits all the time: in one era all see one value.
    @Test func showsOneValue() async throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        try await store.put("b1", "0", .objects)
        let values = Mutex<[UInt64: Set<String>]>([:])
        let isOver = Atomic<Bool>(false)
        let note = { @Sendable (era: UInt64, value: String) in
            values.withLock { _ = $0[era, default: []].insert(value) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for reader in 0..<2 {
                group.addTask {
                    try await onThread {
                        while !isOver.load(ordering: .relaxed) {
                            if reader == 0 {
                                try store.read { snapshot in
                                    guard let era = snapshot.era else { return }
                                    let value = try #require(try snapshot.get(.objects, bytes("b1")))
                                    note(era, String(decoding: value, as: UTF8.self))
                                }
                            } else {
                                let era = store.era
                                let value = try store.readOne(.objects, bytes("b1")) {
                                    String(decoding: try #require($0), as: UTF8.self)
                                }
                                if let era, store.era == era { note(era, value) }
                            }
                        }
                    }
                }
            }
            for number in 1...200 {
                try await store.put("b1", "\(number)", .objects)
                try await store.put("o\(number)", "v", .objects)
            }
            isOver.store(true, ordering: .relaxed)
            try await group.waitForAll()
        }
        let seen = values.withLock { $0 }
        #expect(!seen.isEmpty)
        #expect(seen.values.allSatisfy { $0.count == 1 })
        try expectSound(store)
    }
}

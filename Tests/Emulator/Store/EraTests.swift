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
    @Test(arguments: [false, true]) func showsOneValue(inSnapshots: Bool) async throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        try await store.put("b1", "0", .objects)
        let sightings = Sightings()
        async let reading: Void = onThread {
            while !sightings.areOver { try sightings.look(at: store, inSnapshot: inSnapshots) }
        }
        for number in 1...200 {
            try await store.put("b1", "\(number)", .objects)
            try await store.put("o\(number)", "v", .objects)
        }
        sightings.end()
        try await reading
        #expect(!sightings.values.isEmpty)
        #expect(sightings.values.values.allSatisfy { $0.count == 1 })
        try expectSound(store)
    }
}

/// Which values were seen in each era.
private final class Sightings: Sendable {
    private struct State {
        var values: [UInt64: Set<[UInt8]>] = [:]
        var areOver = false
    }

    private let state = Mutex(State())

    var values: [UInt64: Set<[UInt8]>] { state.withLock { $0.values } }
    var areOver: Bool { state.withLock { $0.areOver } }

    func end() { state.withLock { $0.areOver = true } }

    func look(at store: Store, inSnapshot: Bool) throws {
        if inSnapshot {
            let (era, value) = try store.read { ($0.era, try $0.get(.objects, bytes("b1"))) }
            note(era, value)
        } else {
            let era = store.era
            let value = try store.readOne(.objects, bytes("b1")) { $0.map { Array($0) } }
            if store.era == era { note(era, value) }
        }
    }

    private func note(_ era: UInt64?, _ value: [UInt8]?) {
        guard let era, let value else { return }
        state.withLock { _ = $0.values[era, default: []].insert(value) }
    }
}

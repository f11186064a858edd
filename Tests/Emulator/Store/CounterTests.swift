import Store
import Testing

@Suite struct CounterTests {
    struct Refusal: Error {}

    @Test func countsAreKeptAcrossRestarts() async throws {
        let folder = TemporaryFolder()
        var store = try Store.open(at: folder.store)
        let seen = try await store.commit { transaction in
            [
                try transaction.count(7, by: 5), try transaction.count(7, by: -2),
                try transaction.counter(7),
            ]
        }
        #expect(seen == [5, 3, 3])
        #expect(try await store.commit { try $0.counter(7) } == 3)
        store.close()
        store = try Store.open(at: folder.store)
        defer { store.close() }
        #expect(try store.read { try $0.counter(7) } == 3)
        #expect(try store.read { try $0.counter(8) } == 0)
        #expect(try await store.commit { try $0.count(7, by: 1) } == 4)
        try expectSound(store)
    }

    @Test func aCounterBackAtZeroLeavesNothing() async throws {
        let folder = TemporaryFolder()
        let store = try Store.open(at: folder.store)
        defer { store.close() }
        try await store.commit { _ = try $0.count(1, by: 9) }
        try await store.commit { _ = try $0.count(1, by: -9) }
        #expect(try store.verify().entries[.counters] == 0)
    }

    @Test func aFailedBodyCountsNothingEvenBesideOthers() async throws {
        let folder = TemporaryFolder()
        let store = try Store.open(at: folder.store)
        defer { store.close() }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try? await store.commit { transaction in
                        try transaction.count(1, by: 1)
                        try transaction.count(UInt64(number % 3 + 2), by: 10)
                        if number % 2 == 0 { throw Refusal() }
                    }
                }
            }
        }
        #expect(try store.read { try $0.counter(1) } == 100)
        let others = try store.read { snapshot in try (2...4).map { try snapshot.counter($0) } }
        #expect(others.reduce(0, +) == 1_000)
    }

    @Test(arguments: [FaultPoint.commitWrite, .commitAcknowledge])
    func afterAFailedCommitTheStoredValueCounts(point: FaultPoint) async throws {
        let folder = TemporaryFolder()
        let store = try Store.open(
            at: folder.store, options: .init(faults: .fail(at: point, occurrence: 2)))
        defer { store.close() }
        try await store.commit { _ = try $0.count(1, by: 1) }
        await #expect(throws: StoreError.self) { try await store.commit { _ = try $0.count(1, by: 10) } }
        let expected: Int64 = point == .commitAcknowledge ? 111 : 101
        #expect(try await store.commit { try $0.count(1, by: 100) } == expected)
        #expect(try store.read { try $0.counter(1) } == expected)
    }
}

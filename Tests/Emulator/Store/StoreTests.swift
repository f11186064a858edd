import Clock
import Foundation
import Store
import Testing
import Waiting

private struct Refused: Error {}

@Suite struct StoreTests {
    let folder = TemporaryFolder()

    @Test func commitsAreSeenAndSurviveReopening() async throws {
        var store = try Store.open(at: folder.store)
        try await store.put("a", "1")
        try await store.put("empty", "")
        #expect(try store.value("a") == "1")
        #expect(try store.value("empty") == "")
        #expect(try store.value("b") == nil)
        #expect(try store.value("a", .objects) == nil)
        store.close()
        store = try Store.open(at: folder.store)
        #expect(try store.value("a") == "1")
        #expect(try store.value("empty") == "")
        try expectSound(store)
    }

    @Test func aThrowingBodyIsRolledBackAlone() async throws {
        let store = try Store.open(at: folder.store)
        try await store.put("kept", "old")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    do {
                        try await store.commit { transaction in
                            transaction.put(.items, bytes("n\(number)"), bytes("x"))
                            transaction.put(.items, bytes("kept"), bytes("\(number)"))
                            transaction.delete(.items, bytes("n\(number - 1)"))
                            if number % 2 == 1 { throw Refused() }
                            transaction.put(.items, bytes("n\(number)"), bytes("y"))
                        }
                        #expect(number % 2 == 0)
                    } catch is Refused {
                        #expect(number % 2 == 1)
                    }
                }
            }
            try await group.waitForAll()
        }
        let expected = stride(from: 0, to: 200, by: 2).map { "n\($0)" }.sorted()
        #expect(try store.keys(from: "n") == expected)
        #expect(try store.value("n0") == "y")
        #expect(try Int(store.value("kept") ?? "")?.isMultiple(of: 2) == true)
        try expectSound(store)
    }

    @Test func aTransactionSeesItsOwnAndEarlierChanges() async throws {
        let store = try Store.open(at: folder.store)
        for key in ["b", "d"] { try await store.put(key, "old") }
        let seen = try await store.commit { transaction -> [[String]] in
            transaction.put(.items, bytes("a"), bytes("new"))
            transaction.put(.items, bytes("c"), bytes("new"))
            transaction.put(.items, bytes("d"), bytes("changed"))
            transaction.delete(.items, bytes("b"))
            #expect(try transaction.get(.items, bytes("b")) == nil)
            #expect(try transaction.get(.items, bytes("c")) == bytes("new"))
            return try [false, true].map { reverse in
                var found: [String] = []
                try transaction.scan(.items, from: bytes("a"), to: bytes("d"), reverse: reverse) { key, _ in
                    found.append(String(decoding: key, as: UTF8.self))
                    return true
                }
                return found
            }
        }
        #expect(seen == [["a", "c"], ["c", "a"]])
        #expect(try store.keys() == ["a", "c", "d"])
        try expectSound(store)
    }

    @Test func aScanMayChangeWhatItWalksOver() async throws {
        let store = try Store.open(at: folder.store)
        for key in ["a", "b", "c", "d", "e"] { try await store.put(key, key) }
        for reverse in [false, true] {
            let visited = try await store.commit { transaction -> [String] in
                var visited: [String] = []
                try transaction.scan(.items, from: [], to: nil, reverse: reverse) { key, _ in
                    let name = String(decoding: key, as: UTF8.self)
                    visited.append(name)
                    if name == "c" {
                        transaction.delete(.items, key)
                        transaction.delete(.items, bytes(reverse ? "b" : "d"))
                    }
                    return true
                }
                transaction.put(.items, bytes("c"), bytes("c"))
                transaction.put(.items, bytes("b"), bytes("b"))
                transaction.put(.items, bytes("d"), bytes("d"))
                return visited
            }
            #expect(visited == (reverse ? ["e", "d", "c", "a"] : ["a", "b", "c", "e"]))
        }
        try expectSound(store)
    }

    @Test func deleteRangeRemovesExactlyTheRange() async throws {
        let store = try Store.open(at: folder.store)
        let keys = (0..<3000).map { String(format: "k%04d", $0) }
        try await store.commit { transaction in
            for key in keys { transaction.put(.items, bytes(key), bytes("v")) }
        }
        try await store.commit { transaction in
            transaction.put(.items, bytes("k0100a"), bytes("v"))
            try transaction.deleteRange(.items, from: bytes("k0100"), to: bytes("k2900"))
        }
        #expect(try store.keys() == Array(keys[..<100] + keys[2900...]))
        try await store.commit { try $0.deleteRange(.items, from: [], to: nil) }
        #expect(try store.keys() == [])
        try expectSound(store)
    }

    @Test func scanBounds() async throws {
        let store = try Store.open(at: folder.store)
        for key in ["a", "ab", "b", "c"] { try await store.put(key, "v") }
        #expect(try store.keys() == ["a", "ab", "b", "c"])
        #expect(try store.keys(reverse: true) == ["c", "b", "ab", "a"])
        #expect(try store.keys(from: "ab", to: "c") == ["ab", "b"])
        #expect(try store.keys(from: "ab", to: "c", reverse: true) == ["b", "ab"])
        #expect(try store.keys(from: "aa", to: "bb", reverse: true) == ["b", "ab"])
        #expect(try store.keys(from: "b", to: "b") == [])
        #expect(try store.keys(from: "c", to: "a") == [])
        #expect(try store.keys(from: "c", to: "a", reverse: true) == [])
        #expect(try store.keys(limit: 2) == ["a", "ab"])
        #expect(try store.keys(reverse: true, limit: 1) == ["c"])
        try expectSound(store)
    }

    @Test func aSnapshotDoesNotMove() async throws {
        let store = try Store.open(at: folder.store)
        try await store.put("a", "old")
        let inside = DispatchSemaphore(value: 0)
        let committed = DispatchSemaphore(value: 0)
        async let reader = onThread {
            try store.read { snapshot -> [String] in
                inside.signal()
                committed.wait()
                var seen: [String] = []
                try snapshot.scan(.items, from: [], to: nil) { key, value in
                    seen.append(String(decoding: key + value, as: UTF8.self))
                    return true
                }
                #expect(try snapshot.get(.items, bytes("b")) == nil)
                return seen
            }
        }
        try await onThread { inside.wait() }
        try await store.put("a", "new")
        try await store.put("b", "new")
        committed.signal()
        #expect(try await reader == ["aold"])
        #expect(try store.value("a") == "new")
        try expectSound(store)
    }

    @Test func concurrentWritersLoseNothing() async throws {
        var store = try Store.open(at: folder.store)
        let writers = 64
        let each = 50
        let open = store
        let sequences = try await withThrowingTaskGroup(of: [UInt64].self) { group in
            for writer in 0..<writers {
                group.addTask {
                    var numbers: [UInt64] = []
                    for number in 0..<each {
                        numbers.append(
                            try await open.commit { transaction in
                                let key = bytes("total")
                                let total = try transaction.get(.settings, key)?.count ?? 0
                                transaction.put(.settings, key, [UInt8](repeating: 1, count: total + 1))
                                transaction.put(.items, bytes("\(writer)/\(number)"), bytes("v"))
                                return transaction.nextSequence()
                            })
                    }
                    #expect(numbers == numbers.sorted())
                    return numbers
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(sequences).count == writers * each)
        store.close()
        store = try Store.open(at: folder.store)
        #expect(try store.keys().count == writers * each)
        #expect(try store.read { try $0.get(.settings, bytes("total")) }?.count == writers * each)
        let next = try await store.commit { $0.nextSequence() }
        #expect(next > sequences.max() ?? .max)
        try expectSound(store)
    }

    @Test func largeBatchesAreSplitAndTheQueueIsBounded() async throws {
        let options = Store.Options(queueLimit: 8, batchBytes: 1000)
        let store = try Store.open(at: folder.store, options: options)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    do {
                        try await store.commit { transaction in
                            usleep(500)
                            transaction.put(
                                .items, bytes(String(format: "%03d", number)),
                                [UInt8](repeating: 7, count: 400))
                        }
                        return true
                    } catch {
                        #expect(error as? StoreError == .overloaded(limit: 8))
                        return false
                    }
                }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(try store.keys().count == outcomes.count(where: { $0 }))
        #expect(outcomes.contains(true))
        try expectSound(store)
    }

    @Test func closedStoresRefuse() async throws {
        let store = try Store.open(at: folder.store)
        try await store.put("a", "1")
        store.close()
        store.close()
        await #expect(throws: StoreError.closed) { try await store.put("b", "2") }
        #expect(throws: StoreError.closed) { try store.value("a") }
        #expect(throws: StoreError.closed) { try store.verify() }
        try expectSound(Store.open(at: folder.store))
    }

    @Test func transactionTimeIsTheClocks() async throws {
        let clock = ManualClock(Timestamp(milliseconds: 1_700_000_000_123))
        let store = try Store.open(at: folder.store, clock: clock)
        #expect(try await store.commit { $0.now } == clock.now)
        clock.advance(milliseconds: 5)
        #expect(try await store.commit { $0.now }.milliseconds == 1_700_000_000_128)
        try expectSound(store)
    }

    /// The last reference may be dropped on the commit thread itself.
    @Test func droppingTheLastReferenceInABodyEndsTheStore() async throws {
        for _ in 0..<20 {
            let holder = Holder(try await opened())
            let commit = holder.startCommit()
            holder.store = nil
            try await commit.value
        }
        let store = try await opened()
        #expect(try store.value("a") == "1")
        try expectSound(store)
    }

    /// The commit thread closes by itself, so the lock is free again soon.
    private func opened() async throws -> Store {
        var store: Store?
        let isOpen = try await eventually {
            do {
                store = try Store.open(at: folder.store)
                return true
            } catch StoreError.locked {
                return false
            }
        }
        try #require(isOpen)
        return try #require(store)
    }
}

private final class Holder: @unchecked Sendable {
    var store: Store?

    init(_ store: Store) { self.store = store }

    func startCommit() -> Task<Void, any Error> {
        let store = store
        return Task { try await store?.put("a", "1") }
    }
}

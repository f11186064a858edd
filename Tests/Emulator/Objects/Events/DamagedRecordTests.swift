import Bytes
import Clock
import Store
import Testing

@testable import Objects

/// What cannot be read is passed over and told once; everything behind it goes on.
@Suite struct DamagedRecordTests {
    private static let rules = [(function: "f", event: "ObjectCreated:*", prefix: "")]

    private func log(_ functions: Functions, _ part: String) -> Int {
        functions.log.withLock { $0.filter { $0.contains(part) }.count }
    }

    @Test func aDamagedEventIsPassedOverAndToldOnce() async throws {
        let functions = Functions()
        let bench = try await ObjectsBench.telling(functions, Self.rules)
        try await bench.store.commit { $0.put(.objects, StorageKeys.event("f", 1), [0xFF, 1, 2]) }
        for number in 0..<8 { try await bench.send("PUT", "/bucket/\(number)", [], "x".bytes) }
        try await bench.settle { try functions.calls.count == 8 && bench.pending() == 1 }
        for _ in 0..<5 {
            await bench.service.tick()
            await bench.service.core.work.finish()
        }
        #expect(log(functions, "A stored event for function 'f' cannot be read") == 1)
        let report = try bench.store.verify(checks: ObjectsService.checks)
        #expect(report.problems.contains { $0.contains("cannot be read") }, "\(report.problems)")
    }

    @Test func manyDamagedEventsArePassedOverToo() async throws {
        let functions = Functions()
        let bench = try await ObjectsBench.telling(functions, Self.rules)
        try await bench.store.commit { transaction in
            for order in 1...3_000 {
                transaction.put(.objects, StorageKeys.event("f", UInt64(order)), [0xFF])
            }
            for order in 1...10 { transaction.put(.objects, StorageKeys.event("g", UInt64(order)), []) }
        }
        // Behind all of them.
        try await bench.store.commit { transaction in while transaction.nextSequence() < 5_000 {} }
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await bench.settle { functions.calls.count == 1 }
        #expect(functions.log.withLock { $0.count } <= 1_000, "the log is not flooded")
    }

    @Test func aDamagedBucketKeepsNobodyFromListening() async throws {
        let functions = Functions()
        let bench = try await ObjectsBench.telling(functions, Self.rules)
        try await bench.store.commit { $0.put(.objects, StorageKeys.bucket("aaa"), [0xFF]) }
        // As after a restart: who listens is found out anew. The service before may still be at work, and tells too.
        let later = Functions()
        let service = ObjectsService(
            store: bench.store, configuration: .init(region: "us-east-1", accountID: "000000000000"),
            clock: bench.clock, functions: functions.queue,
            log: { line in later.log.withLock { $0.append(line) } })
        await service.tick()
        await service.core.work.finish()
        #expect(service.core.deliveries.isListening)
        #expect(log(later, "The bucket 'aaa' cannot be read") == 1)
        await service.stop()
    }

    private func lifecycle(_ bench: ObjectsBench) async throws {
        try await bench.rules("<Filter/><Expiration><Days>1</Days></Expiration>")
    }

    @Test func aDamagedObjectKeepsNoOtherFromExpiring() async throws {
        let functions = Functions()
        let bench = try await ObjectsBench.telling(functions, Self.rules)
        for key in ["a", "b", "c"] { try await bench.send("PUT", "/bucket/\(key)", [], "x".bytes) }
        try await bench.store.commit { $0.put(.objects, StorageKeys.object("bucket", "b".bytes), [0xFF]) }
        try await lifecycle(bench)
        try await bench.pass(days: 3)
        for (key, status) in [("a", 404), ("c", 404), ("b", 500)] {
            #expect(try await bench.send("HEAD", "/bucket/\(key)").status == status)
        }
        #expect(log(functions, "A record of the bucket 'bucket' cannot be read") == 1)
    }

    @Test func aDamagedBucketKeepsNoOtherFromItsLifecycle() async throws {
        let functions = Functions()
        let bench = try await ObjectsBench.telling(functions, Self.rules)
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await lifecycle(bench)
        try await bench.bucket("aaa")
        try await bench.store.commit { transaction in
            transaction.put(.objects, StorageKeys.bucket("aab"), [0xFF])
            let key = StorageKeys.bucket("aaa")
            var record = try BucketRecord(decoding: try #require(try transaction.get(.objects, key)))
            record.documents[.lifecycle] = [0xFF]
            transaction.put(.objects, key, record.encoded())
        }
        try await bench.pass(days: 3)
        #expect(try await bench.send("HEAD", "/bucket/k").status == 404)
        #expect(log(functions, "The bucket 'aab' cannot be read") == 1)
        #expect(log(functions, "The bucket 'aaa', or its lifecycle rules, cannot be read") == 1)
    }

    @Test func aDamagedRestoreKeepsNoOtherFromEnding() async throws {
        let functions = Functions()
        let bench = try await ObjectsBench.telling(
            functions, [(function: "f", event: "ObjectRestore:Delete", prefix: "")])
        for key in ["a", "b"] {
            try await bench.send("PUT", "/bucket/\(key)", [("x-amz-storage-class", "GLACIER")], "x".bytes)
            try await bench.send(
                "POST", "/bucket/\(key)?restore", [], "<RestoreRequest><Days>1</Days></RestoreRequest>".bytes)
        }
        let first = StorageKeys.restore(until: ObjectsBench.start, "bucket", "a".bytes, order: 1)
        try await bench.store.commit { $0.put(.objects, first, [0xFF]) }
        await bench.wait(days: 3)
        try await bench.settle { functions.calls.count == 2 }
        #expect(log(functions, "A restored copy") == 1)
        #expect(Set(functions.calls.map(\.key)) == ["a", "b"])
    }

    @Test func aDamagedNoteAboutPartsKeepsNoOtherPartsFromGoing() async throws {
        let functions = Functions()
        let bench = try await ObjectsBench.telling(functions, Self.rules)
        try await bench.store.commit { $0.put(.objects, StorageKeys.leftParts(1), [0xFF]) }
        let begun = try await bench.send("POST", "/bucket/k?uploads").element("UploadId")
        let upload = try #require(begun)
        try await bench.send("PUT", "/bucket/k?partNumber=1&uploadId=\(upload)", [], "x".bytes)
        #expect(try await bench.send("DELETE", "/bucket/k?uploadId=\(upload)").status == 204)
        try await bench.settle {
            try bench.store.read { snapshot in
                var isGone = true
                let prefix = StorageKeys.partPrefix(upload)
                try snapshot.scan(
                    .objects, from: prefix, to: StorageKeys.successor(of: prefix), reverse: false
                ) {
                    _, _ in
                    isGone = false
                    return false
                }
                return isGone
            }
        }
        #expect(log(functions, "A note about parts that were left") == 1)
    }
}

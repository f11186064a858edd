import Bytes
import Clock
import JSON
import Store
import Synchronization
import Testing
import Waiting

@testable import Objects

@Suite struct EventDeliveryTests {
    @Test func aFunctionIsToldAndTheEventIsGone() async throws {
        let functions = Functions()
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectCreated:*", "")])
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await bench.settle { try functions.calls.count == 1 && bench.pending() == 0 }
        #expect(functions.calls.first?.event == "ObjectCreated:Put")
        #expect(functions.calls.first?.key == "k")
    }

    @Test func onlyWhatARuleCoversIsStored() async throws {
        let functions = Functions(isFull: true)
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectRemoved:*", "in/")])
        for key in ["in/a", "out/a"] {
            try await bench.send("PUT", "/bucket/\(key)", [], "x".bytes)
            try await bench.send("DELETE", "/bucket/\(key)")
        }
        #expect(try bench.pending() == 1)
        functions.release()
        try await bench.settle { try bench.pending() == 0 }
        #expect(functions.calls.map(\.key) == ["in/a"])
    }

    @Test func deletingWhatIsNotThereTellsNobody() async throws {
        let functions = Functions()
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectRemoved:*", "")])
        try await bench.send("DELETE", "/bucket/absent")
        #expect(try bench.pending() == 0)
    }

    @Test func oneObjectsEventsKeepTheirOrder() async throws {
        let functions = Functions()
        let bench = try await ObjectsBench.telling(
            functions, [("f", "ObjectCreated:*", ""), ("f", "ObjectRemoved:*", "")])
        for _ in 0..<10 {
            try await bench.send("PUT", "/bucket/k", [], "x".bytes)
            try await bench.send("DELETE", "/bucket/k")
        }
        try await bench.settle { try bench.pending() == 0 }
        let names = functions.calls.map(\.event)
        #expect(
            names
                == Array(repeating: ["ObjectCreated:Put", "ObjectRemoved:Delete"], count: 10).flatMap(\.self))
    }

    @Test func anEventLeavesInTheCommitThatTakesItOver() async throws {
        let functions = Functions(isFull: true)
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectCreated:*", "")])
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        for _ in 0..<3 {
            await bench.service.tick()
            await bench.service.core.work.finish()
        }
        #expect(try bench.pending() == 1, "what the queue refuses stays")
        #expect(functions.woken.isEmpty)
        functions.release()
        try await bench.settle { try bench.pending() == 0 }
        #expect(functions.calls.count == 1)
        #expect(functions.woken == ["f"])
    }

    @Test func manyEventsComeInTheirOrderAndOnce() async throws {
        let functions = Functions(isFull: true)
        let bench = try await ObjectsBench.telling(
            functions, [("f", "ObjectCreated:*", "f"), ("g", "ObjectCreated:*", "g")])
        for number in 0..<150 { try await bench.send("PUT", "/bucket/f\(number)", [], "x".bytes) }
        for number in 0..<10 { try await bench.send("PUT", "/bucket/g\(number)", [], "x".bytes) }
        functions.release()
        try await bench.settle { try bench.pending() == 0 }
        let keys = functions.calls.map(\.key)
        #expect(keys.filter { $0.hasPrefix("f") } == (0..<150).map { "f\($0)" })
        #expect(keys.filter { $0.hasPrefix("g") } == (0..<10).map { "g\($0)" })
        #expect(try #require(keys.firstIndex(of: "g9")) < 150, "one function's flood is not first as a whole")
        #expect(Set(functions.calls.map(\.requestID)).count == 160)
    }

    @Test func theIDOfAnEventThatWasTriedByAnEarlierVersionIsKept() async throws {
        let functions = Functions(isFull: true)
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectCreated:*", "")])
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        // A delivery that is under way would hand over the event as it read it, under an id of its own.
        await bench.service.core.work.finish()
        let range = StorageKeys.allEvents
        try await bench.store.commit { transaction in
            var found: (key: [UInt8], event: ObjectEvent)?
            try transaction.scan(.objects, from: range.from, to: range.to, reverse: false) { key, value in
                found = (key, try ObjectEvent(decoding: value))
                return false
            }
            var (key, event) = try #require(found)
            event.retry = .init(requestID: "kept", failures: 1, time: bench.clock.now + 60_000)
            transaction.put(.objects, key, event.encoded())
        }
        functions.release()
        try await bench.settle { try bench.pending() == 0 }
        #expect(functions.calls.map(\.requestID) == ["kept"])
    }

    @Test func aFunctionThatIsGoneIsLoggedAndForgotten() async throws {
        let functions = Functions()
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectCreated:*", "")])
        try await bench.store.commit { transaction in
            let origin = ObjectEvent.Origin.service("r")
            let bucket = BucketRecord(created: ObjectsBench.start, region: "")
            var event = ObjectEvent(
                "ObjectCreated:Put", Versions(bucket: "bucket", key: "k".bytes), nil, bucket,
                at: ObjectsBench.start, by: origin)
            event.order = transaction.nextSequence()
            transaction.put(.objects, StorageKeys.event("gone", event.order), event.encoded())
        }
        try await bench.settle { try bench.pending() == 0 }
        #expect(functions.calls.isEmpty)
        #expect(
            functions.log.withLock { $0 } == [
                "Event ObjectCreated:Put of bucket/k was not delivered to function 'gone': there is no such function."
            ])
    }

    @Test func whatWasAskedForIsToldThoughTheRuleHasGone() async throws {
        let functions = Functions(isFull: true)
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectCreated:*", "")])
        for number in 0..<8 { try await bench.send("PUT", "/bucket/\(number)", [], "x".bytes) }
        try await bench.send("PUT", "/bucket?notification", [], "<NotificationConfiguration/>".bytes)
        functions.release()
        try await bench.settle { try bench.pending() == 0 }
        #expect(functions.calls.count == 8)
        #expect(functions.log.withLock { $0.isEmpty })
    }

    @Test func aRestartTellsWhatWasNotDone() async throws {
        let functions = Functions(isFull: true)
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectCreated:*", "")])
        for number in 0..<8 { try await bench.send("PUT", "/bucket/\(number)", [], "x".bytes) }
        await bench.service.stop()
        #expect(try bench.pending() == 8)
        // A service of its own on the same store, as after a restart.
        let later = Functions()
        let service = ObjectsService(
            store: bench.store, configuration: .init(region: "us-east-1", accountID: "000000000000"),
            clock: bench.clock, functions: later.queue)
        let isDone = try await eventually {
            await service.tick()
            return try bench.pending() == 0
        }
        #expect(isDone)
        #expect(later.calls.map(\.key) == (0..<8).map(String.init))
        await service.stop()
    }

    @Test func lifecycleTellsItsOwnEvents() async throws {
        let functions = Functions()
        let bench = try await ObjectsBench.telling(
            functions,
            [
                ("f", "LifecycleExpiration:*", ""), ("f", "LifecycleTransition", ""),
                ("g", "ObjectRemoved:*", ""),
            ])
        try await bench.send("PUT", "/bucket/gone", [], "x".bytes)
        try await bench.send("PUT", "/bucket/moved", [], ObjectsBench.bytes(131_072))
        try await bench.rules(
            "<Filter><Prefix>gone</Prefix></Filter><Expiration><Days>1</Days></Expiration>",
            "<Filter><Prefix>moved</Prefix></Filter><Transition><Days>1</Days><StorageClass>GLACIER"
                + "</StorageClass></Transition>")
        try await bench.pass(days: 3)
        try await bench.settle { functions.calls.count == 2 }
        #expect(Set(functions.calls.map(\.event)) == ["LifecycleExpiration:Delete", "LifecycleTransition"])
        #expect(functions.calls.allSatisfy { $0.function == "f" }, "no ObjectRemoved")
    }

    @Test func restoresTellTheirEvents() async throws {
        let functions = Functions()
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectRestore:*", "")])
        try await bench.send("PUT", "/bucket/k", [("x-amz-storage-class", "GLACIER")], "x".bytes)
        try await bench.send(
            "POST", "/bucket/k?restore", [], "<RestoreRequest><Days>1</Days></RestoreRequest>".bytes)
        try await bench.settle { functions.calls.count == 2 }
        await bench.wait(days: 3)
        try await bench.settle { functions.calls.count == 3 }
        #expect(
            functions.calls.map(\.event)
                == ["ObjectRestore:Post", "ObjectRestore:Completed", "ObjectRestore:Delete"])
    }
}

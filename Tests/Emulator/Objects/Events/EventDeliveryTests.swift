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
        let functions = Functions(held: ["f"])
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

    @Test func aSlowFunctionHoldsUpNoOther() async throws {
        let functions = Functions(held: ["slow"])
        let bench = try await ObjectsBench.telling(
            functions, [("slow", "ObjectCreated:*", "slow/"), ("g", "ObjectCreated:*", "g/")])
        for number in 0..<20 { try await bench.send("PUT", "/bucket/slow/\(number)", [], "x".bytes) }
        for number in 0..<20 { try await bench.send("PUT", "/bucket/g/\(number)", [], "x".bytes) }
        try await bench.settle { functions.calls.filter { $0.function == "g" }.count == 20 }
        #expect(functions.calls.filter { $0.function == "slow" }.count == DeliveryDesk.callsPerFunction)
        functions.release()
        try await bench.settle { try bench.pending() == 0 }
        #expect(functions.calls.count == 40)
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

    @Test func aFailedFunctionIsCalledTwiceMore() async throws {
        let functions = Functions(outcomes: [.failed, .failed, .failed])
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectCreated:*", "")])
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await bench.settle(functions, calls: 1)
        for attempt in 2...3 {
            await bench.service.tick()
            await bench.service.core.work.finish()
            #expect(functions.calls.count == attempt - 1, "not before its time")
            bench.clock.advance(milliseconds: attempt == 2 ? 60_000 : 120_000)
            try await bench.settle(functions, calls: attempt)
        }
        try await bench.settle { try bench.pending() == 0 }
        #expect(Set(functions.calls.map(\.requestID)).count == 1)
        let lines = functions.log.withLock { $0 }
        #expect(lines.count == 1 && lines[0].contains("ObjectCreated:Put of bucket/k"), "\(lines)")
        #expect(lines.first?.contains("failed 3 times") == true, "\(lines)")
    }

    @Test func aFunctionThatSucceedsLaterIsDone() async throws {
        let functions = Functions(outcomes: [.failed, .done])
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectCreated:*", "")])
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await bench.settle(functions, calls: 1)
        bench.clock.advance(milliseconds: 60_000)
        try await bench.settle { try bench.pending() == 0 }
        #expect(functions.calls.count == 2)
        #expect(functions.log.withLock { $0.isEmpty })
    }

    @Test func aBusyFunctionIsCalledAgainAndAgain() async throws {
        let functions = Functions(outcomes: Array(repeating: .busy, count: 6))
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectCreated:*", "")])
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await bench.settle {
            bench.clock.advance(milliseconds: 1_000)
            return try bench.pending() == 0
        }
        #expect(functions.calls.count == 7)
    }

    @Test func afterSixHoursABusyFunctionIsGivenUp() async throws {
        let functions = Functions(outcomes: Array(repeating: .busy, count: 500))
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectCreated:*", "")])
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await bench.settle {
            bench.clock.advance(milliseconds: 300_000)
            return try bench.pending() == 0
        }
        #expect(functions.log.withLock { $0.first?.contains("six hours") } == true)
    }

    @Test func anInterruptedCallIsMadeAgain() async throws {
        let functions = Functions(outcomes: [.interrupted])
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectCreated:*", "")])
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await bench.settle(functions, calls: 1)
        #expect(try bench.pending() == 1)
        bench.clock.advance(milliseconds: 1_000)
        try await bench.settle { try bench.pending() == 0 }
        #expect(functions.calls.count == 2)
    }

    @Test func aFunctionThatIsGoneIsLoggedAndForgotten() async throws {
        let functions = Functions(outcomes: [.refused("there is no such function")])
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectCreated:*", "")])
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await bench.settle { try bench.pending() == 0 }
        #expect(functions.log.withLock { $0.first?.contains("there is no such function") } == true)
    }

    @Test func whatWasAskedForIsToldThoughTheRuleHasGone() async throws {
        let functions = Functions(held: ["f"])
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectCreated:*", "")])
        let count = DeliveryDesk.callsPerFunction + 3
        for number in 0..<count { try await bench.send("PUT", "/bucket/\(number)", [], "x".bytes) }
        try await bench.settle { functions.calls.count == DeliveryDesk.callsPerFunction }
        try await bench.send("PUT", "/bucket?notification", [], "<NotificationConfiguration/>".bytes)
        functions.release()
        try await bench.settle { try bench.pending() == 0 }
        #expect(functions.calls.count == count)
        #expect(functions.log.withLock { $0.isEmpty })
    }

    @Test func aRestartTellsWhatWasNotDone() async throws {
        let functions = Functions(held: ["f"])
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectCreated:*", "")])
        for number in 0..<8 { try await bench.send("PUT", "/bucket/\(number)", [], "x".bytes) }
        try await bench.settle { functions.calls.count == DeliveryDesk.callsPerFunction }
        await bench.service.stop()
        functions.release()
        #expect(try bench.pending() == 8)
        // A service of its own on the same store, as after a restart.
        let later = Functions()
        let service = ObjectsService(
            store: bench.store, configuration: .init(region: "us-east-1", accountID: "000000000000"),
            clock: bench.clock, functions: later.invoker)
        let isDone = try await eventually {
            await service.tick()
            return try bench.pending() == 0
        }
        #expect(isDone)
        #expect(Set(later.calls.map(\.key)) == Set((0..<8).map(String.init)))
        #expect(later.calls.count == 8)
        await service.stop()
    }

    @Test func whatIsStoredOutlivesTheCallUntilItEnds() async throws {
        let functions = Functions(held: ["f"])
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectCreated:*", "")])
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await bench.settle { functions.calls.count == 1 }
        #expect(try bench.pending() == 1)
        functions.release()
        try await bench.settle { try bench.pending() == 0 }
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

import Bytes
import Clock
import Testing
import Waiting

@testable import Objects

/// Events that wait for their retry keep no others from being told.
@Suite struct DeliveryFairnessTests {
    @Test func moreFailedEventsThanEverFitAWindowHoldUpNoNewOne() async throws {
        let functions = Functions(failing: "bad")
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectCreated:*", "")])
        let count = 1_200
        for number in 0..<count { try await bench.send("PUT", "/bucket/bad-\(number)", [], "x".bytes) }
        try await bench.settle(functions, calls: count)
        try await bench.send("PUT", "/bucket/good", [], "x".bytes)
        try await bench.settle { try functions.calls.count == count + 1 && bench.pending() == count }
        #expect(functions.calls.last?.key == "good")
        // Their time comes, and new ones still have turns.
        bench.clock.advance(milliseconds: 60_000)
        for number in 0..<50 { try await bench.send("PUT", "/bucket/good-\(number)", [], "x".bytes) }
        try await bench.settle { functions.calls.filter { $0.key.hasPrefix("good") }.count == 51 }
        #expect(functions.calls.count < 2 * count, "not only behind all retries")
        try await bench.settle(functions, calls: 2 * count + 51)
        bench.clock.advance(milliseconds: 120_000)
        try await bench.settle { try bench.pending() == 0 }
        #expect(functions.calls.count == 3 * count + 51)
        #expect(functions.log.withLock { $0.count } == count)
    }

    @Test func oneBusyObjectHoldsUpNoOther() async throws {
        let functions = Functions(held: ["f"], heldKey: "hot")
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectCreated:*", "")])
        for _ in 0..<40 { try await bench.send("PUT", "/bucket/hot", [], "x".bytes) }
        for number in 0..<40 { try await bench.send("PUT", "/bucket/\(number)", [], "x".bytes) }
        try await bench.settle { functions.calls.count == 41 }
        #expect(functions.calls.filter { $0.key == "hot" }.count == 1)
        functions.release()
        try await bench.settle { try bench.pending() == 0 }
        #expect(functions.calls.count == 80)
    }

    @Test func failuresAndTheirTimesOutliveARestart() async throws {
        let functions = Functions(outcomes: [.failed, .failed])
        let bench = try await ObjectsBench.telling(functions, [("f", "ObjectCreated:*", "")])
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await bench.settle(functions, calls: 1)
        bench.clock.advance(milliseconds: 60_000)
        try await bench.settle(functions, calls: 2)
        await bench.service.core.work.finish()
        await bench.service.stop()
        let later = Functions(outcomes: [.failed])
        let service = ObjectsService(
            store: bench.store, configuration: .init(region: "us-east-1", accountID: "000000000000"),
            clock: bench.clock, functions: later.invoker,
            log: { line in later.log.withLock { $0.append(line) } })
        await service.tick()
        await service.core.work.finish()
        #expect(later.calls.isEmpty, "not before its time")
        bench.clock.advance(milliseconds: 120_000)
        let isDone = try await eventually {
            await service.tick()
            return try bench.pending() == 0
        }
        #expect(isDone)
        #expect(later.calls.count == 1, "it had failed twice before")
        #expect(later.calls.first?.requestID == functions.calls.first?.requestID)
        #expect(later.log.withLock { $0.first?.contains("failed 3 times") } == true)
        await service.stop()
    }
}

/// One function's line by itself.
@Suite struct DeliveryLineTests {
    private static func event(_ order: UInt64, key: String? = nil) -> ObjectEvent {
        let versions = Versions(bucket: "b", key: (key ?? "\(order)").bytes)
        var event = ObjectEvent(
            "ObjectCreated:Put", versions, nil, BucketRecord(created: ObjectsBench.start, region: ""),
            at: ObjectsBench.start, by: .service(""))
        event.order = order
        return event
    }

    private func attempts(_ time: Timestamp) -> DeliveryDesk.Attempts {
        .init(requestID: "r", firstTried: time)
    }

    @Test func eventsOfOneObjectKeepTheirOrder() {
        let now = ObjectsBench.start
        var line = DeliveryLine()
        #expect(line.startNew(Self.event(1, key: "k")) == true)
        #expect(line.startNew(Self.event(2, key: "k")) == nil)
        #expect(line.startNew(Self.event(3, key: "k")) == nil)
        #expect(line.startNew(Self.event(4, key: "other")) == true)
        #expect(line.next == 5)
        #expect(line.ready(at: now).isEmpty)
        line.end(1)
        #expect(line.startNew(Self.event(5, key: "k")) == nil, "older ones were passed")
        #expect(line.ready(at: now) == [2])
        #expect(line.startAgain(Self.event(2, key: "k"), otherwise: attempts(now)) != nil)
        #expect(line.startAgain(Self.event(3, key: "k"), otherwise: attempts(now)) == nil)
        line.end(2)
        #expect(line.ready(at: now) == [3])
    }

    @Test func thoseThatWaitComeBackByTheirTime() {
        let now = ObjectsBench.start
        var line = DeliveryLine()
        for (order, delay) in [(1, 300), (2, 100), (3, 200), (4, 100)] as [(UInt64, Int64)] {
            let event = Self.event(order)
            #expect(line.startNew(event) == true)
            line.wait(order, .init(event), until: now + delay, attempts(now))
        }
        #expect(line.ready(at: now).isEmpty)
        #expect(line.ready(at: now + 100) == [2, 4])
        #expect(line.ready(at: now + 1_000) == [2, 4, 3, 1])
        #expect(line.forget(4)?.requestID == "r")
        #expect(line.ready(at: now + 1_000) == [2, 3, 1])
    }

    @Test func whatIsRememberedIsBounded() {
        var line = DeliveryLine()
        #expect(line.startNew(Self.event(1, key: "k")) == true)
        for order in 2...UInt64(DeliveryLine.mostPassed + 1) {
            #expect(line.startNew(Self.event(order, key: "k")) == nil)
        }
        let next = line.next
        #expect(line.startNew(Self.event(next, key: "k")) == false)
        #expect(line.next == next, "it is met again")
        #expect(line.startNew(Self.event(next, key: "other")) == true)
        let now = ObjectsBench.start
        for order in 0..<UInt64(DeliveryLine.mostWaiting) {
            #expect(line.mayLookFurther)
            line.wait(10_000 + order, .init(Self.event(order)), until: now + Int64(order), attempts(now))
        }
        #expect(!line.mayLookFurther)
        line.forget(10_000)
        #expect(line.mayLookFurther)
    }

    @Test func newOnesAndRetriesTakeTurns() {
        var line = DeliveryLine()
        #expect(
            (0..<4).map { _ in line.takeTurn(hasReady: true, hasNew: true) } == [false, true, false, true])
        #expect(line.takeTurn(hasReady: false, hasNew: true) == true)
        #expect(line.takeTurn(hasReady: true, hasNew: false) == false)
    }
}

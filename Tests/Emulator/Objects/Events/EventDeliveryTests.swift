import Bytes
import Clock
import JSON
import Store
import Synchronization
import Testing
import Waiting

@testable import Objects

/// Takes the place of Lambda: notes every call, and answers as told.
private final class Functions: Sendable {
    struct Call: Sendable, Equatable {
        var function: String
        var event: String
        var key: String
        var requestID: String
    }

    private struct State {
        var calls: [Call] = []
        var outcomes: [DeliveryOutcome] = []
        var running = 0
        var mostRunning = 0
    }

    private let state = Mutex(State())
    /// Calls of these functions do not end before `release`.
    private let held: Set<String>
    private let isHolding = Mutex(true)
    let log = Mutex<[String]>([])

    init(held: Set<String> = [], outcomes: [DeliveryOutcome] = []) {
        self.held = held
        state.withLock { $0.outcomes = outcomes }
    }

    var calls: [Call] { state.withLock { $0.calls } }
    var mostRunning: Int { state.withLock { $0.mostRunning } }

    func release() { isHolding.withLock { $0 = false } }

    var invoker: FunctionInvoker {
        FunctionInvoker(
            exists: { ["f", "g", "slow"].contains($0) },
            invoke: { [self] in await call($0, $1, $2) })
    }

    private func call(_ name: String, _ payload: [UInt8], _ requestID: String) async -> DeliveryOutcome {
        let record = (try? JSONValue.parse(payload))?["Records"]?[0]
        let call = Call(
            function: name, event: record?["eventName"]?.string ?? "?",
            key: record?["s3"]?["object"]?["key"]?.string ?? "?", requestID: requestID)
        let outcome = state.withLock { state -> DeliveryOutcome in
            state.calls.append(call)
            state.running += 1
            state.mostRunning = max(state.mostRunning, state.running)
            return state.outcomes.isEmpty ? .done : state.outcomes.removeFirst()
        }
        while held.contains(name), isHolding.withLock({ $0 }) { await Task.yield() }
        state.withLock { $0.running -= 1 }
        return outcome
    }
}

@Suite struct EventDeliveryTests {
    private static func configuration(_ rules: [(function: String, event: String, prefix: String)]) -> [UInt8]
    {
        let elements = rules.enumerated().map { index, rule in
            "<CloudFunctionConfiguration><Id>\(index)</Id><CloudFunction>"
                + "arn:aws:lambda:us-east-1:000000000000:function:\(rule.function)</CloudFunction><Event>"
                + "s3:\(rule.event)</Event><Filter><S3Key><FilterRule><Name>prefix</Name><Value>\(rule.prefix)"
                + "</Value></FilterRule></S3Key></Filter></CloudFunctionConfiguration>"
        }
        return "<NotificationConfiguration>\(elements.joined())</NotificationConfiguration>".bytes
    }

    private func bench(
        _ functions: Functions, _ rules: [(function: String, event: String, prefix: String)]
    ) async throws -> ObjectsBench {
        let bench = try ObjectsBench(
            functions: functions.invoker, log: { line in functions.log.withLock { $0.append(line) } })
        try await bench.bucket()
        let answer = try await bench.send("PUT", "/bucket?notification", [], Self.configuration(rules))
        #expect(answer.status == 200, "\(answer.text)")
        return bench
    }

    private func settle(_ bench: ObjectsBench, until isDone: () throws -> Bool) async throws {
        let isSettled = try await eventually {
            await bench.service.tick()
            return try isDone()
        }
        #expect(isSettled)
    }

    private func pending(_ bench: ObjectsBench) throws -> Int {
        try bench.store.read { snapshot in
            var count = 0
            let range = StorageKeys.allEvents
            try snapshot.scan(.objects, from: range.from, to: range.to, reverse: false) { _, _ in
                count += 1
                return true
            }
            return count
        }
    }

    @Test func aFunctionIsToldAndTheEventIsGone() async throws {
        let functions = Functions()
        let bench = try await bench(functions, [("f", "ObjectCreated:*", "")])
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await settle(bench) { try functions.calls.count == 1 && pending(bench) == 0 }
        #expect(functions.calls.first?.event == "ObjectCreated:Put")
        #expect(functions.calls.first?.key == "k")
    }

    @Test func onlyWhatARuleCoversIsStored() async throws {
        let functions = Functions(held: ["f"])
        let bench = try await bench(functions, [("f", "ObjectRemoved:*", "in/")])
        for key in ["in/a", "out/a"] {
            try await bench.send("PUT", "/bucket/\(key)", [], "x".bytes)
            try await bench.send("DELETE", "/bucket/\(key)")
        }
        #expect(try pending(bench) == 1)
        functions.release()
        try await settle(bench) { try pending(bench) == 0 }
        #expect(functions.calls.map(\.key) == ["in/a"])
    }

    @Test func deletingWhatIsNotThereTellsNobody() async throws {
        let functions = Functions()
        let bench = try await bench(functions, [("f", "ObjectRemoved:*", "")])
        try await bench.send("DELETE", "/bucket/absent")
        #expect(try pending(bench) == 0)
    }

    @Test func aSlowFunctionHoldsUpNoOther() async throws {
        let functions = Functions(held: ["slow"])
        let bench = try await bench(
            functions, [("slow", "ObjectCreated:*", "slow/"), ("g", "ObjectCreated:*", "g/")])
        for number in 0..<20 { try await bench.send("PUT", "/bucket/slow/\(number)", [], "x".bytes) }
        for number in 0..<20 { try await bench.send("PUT", "/bucket/g/\(number)", [], "x".bytes) }
        try await settle(bench) { functions.calls.filter { $0.function == "g" }.count == 20 }
        #expect(functions.calls.filter { $0.function == "slow" }.count == DeliveryDesk.callsPerFunction)
        functions.release()
        try await settle(bench) { try pending(bench) == 0 }
        #expect(functions.calls.count == 40)
    }

    @Test func oneObjectsEventsKeepTheirOrder() async throws {
        let functions = Functions()
        let bench = try await bench(
            functions, [("f", "ObjectCreated:*", ""), ("f", "ObjectRemoved:*", "")])
        for _ in 0..<10 {
            try await bench.send("PUT", "/bucket/k", [], "x".bytes)
            try await bench.send("DELETE", "/bucket/k")
        }
        try await settle(bench) { try pending(bench) == 0 }
        let names = functions.calls.map(\.event)
        #expect(
            names
                == Array(repeating: ["ObjectCreated:Put", "ObjectRemoved:Delete"], count: 10).flatMap(\.self))
    }

    @Test func aFailedFunctionIsCalledTwiceMore() async throws {
        let functions = Functions(outcomes: [.failed, .failed, .failed])
        let bench = try await bench(functions, [("f", "ObjectCreated:*", "")])
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await settle(bench) { functions.calls.count == 1 }
        for attempt in 2...3 {
            await bench.service.tick()
            await bench.service.core.work.finish()
            #expect(functions.calls.count == attempt - 1, "not before its time")
            bench.clock.advance(milliseconds: attempt == 2 ? 60_000 : 120_000)
            try await settle(bench) { functions.calls.count == attempt }
        }
        try await settle(bench) { try pending(bench) == 0 }
        #expect(Set(functions.calls.map(\.requestID)).count == 1)
        let lines = functions.log.withLock { $0 }
        #expect(lines.count == 1 && lines[0].contains("ObjectCreated:Put of bucket/k"), "\(lines)")
        #expect(lines.first?.contains("failed 3 times") == true, "\(lines)")
    }

    @Test func aFunctionThatSucceedsLaterIsDone() async throws {
        let functions = Functions(outcomes: [.failed, .done])
        let bench = try await bench(functions, [("f", "ObjectCreated:*", "")])
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await settle(bench) { functions.calls.count == 1 }
        bench.clock.advance(milliseconds: 60_000)
        try await settle(bench) { try pending(bench) == 0 }
        #expect(functions.calls.count == 2)
        #expect(functions.log.withLock { $0.isEmpty })
    }

    @Test func aBusyFunctionIsCalledAgainAndAgain() async throws {
        let functions = Functions(outcomes: Array(repeating: .busy, count: 6))
        let bench = try await bench(functions, [("f", "ObjectCreated:*", "")])
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await settle(bench) {
            bench.clock.advance(milliseconds: 1_000)
            return try pending(bench) == 0
        }
        #expect(functions.calls.count == 7)
    }

    @Test func afterSixHoursABusyFunctionIsGivenUp() async throws {
        let functions = Functions(outcomes: Array(repeating: .busy, count: 500))
        let bench = try await bench(functions, [("f", "ObjectCreated:*", "")])
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await settle(bench) {
            bench.clock.advance(milliseconds: 300_000)
            return try pending(bench) == 0
        }
        #expect(functions.log.withLock { $0.first?.contains("six hours") } == true)
    }

    @Test func anInterruptedCallIsMadeAgain() async throws {
        let functions = Functions(outcomes: [.interrupted])
        let bench = try await bench(functions, [("f", "ObjectCreated:*", "")])
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await settle(bench) { functions.calls.count == 1 }
        #expect(try pending(bench) == 1)
        bench.clock.advance(milliseconds: 1_000)
        try await settle(bench) { try pending(bench) == 0 }
        #expect(functions.calls.count == 2)
    }

    @Test func aFunctionThatIsGoneIsLoggedAndForgotten() async throws {
        let functions = Functions(outcomes: [.refused("there is no such function")])
        let bench = try await bench(functions, [("f", "ObjectCreated:*", "")])
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await settle(bench) { try pending(bench) == 0 }
        #expect(functions.log.withLock { $0.first?.contains("there is no such function") } == true)
    }

    @Test func whatWasAskedForIsToldThoughTheRuleHasGone() async throws {
        let functions = Functions(held: ["f"])
        let bench = try await bench(functions, [("f", "ObjectCreated:*", "")])
        let count = DeliveryDesk.callsPerFunction + 3
        for number in 0..<count { try await bench.send("PUT", "/bucket/\(number)", [], "x".bytes) }
        try await settle(bench) { functions.calls.count == DeliveryDesk.callsPerFunction }
        try await bench.send("PUT", "/bucket?notification", [], "<NotificationConfiguration/>".bytes)
        functions.release()
        try await settle(bench) { try pending(bench) == 0 }
        #expect(functions.calls.count == count)
        #expect(functions.log.withLock { $0.isEmpty })
    }

    @Test func aRestartTellsWhatWasNotDone() async throws {
        let functions = Functions(held: ["f"])
        let bench = try await bench(functions, [("f", "ObjectCreated:*", "")])
        for number in 0..<8 { try await bench.send("PUT", "/bucket/\(number)", [], "x".bytes) }
        try await settle(bench) { functions.calls.count == DeliveryDesk.callsPerFunction }
        await bench.service.stop()
        functions.release()
        #expect(try pending(bench) == 8)
        // A service of its own on the same store, as after a restart.
        let later = Functions()
        let service = ObjectsService(
            store: bench.store, configuration: .init(region: "us-east-1", accountID: "000000000000"),
            clock: bench.clock, functions: later.invoker)
        let isDone = try await eventually {
            await service.tick()
            return try pending(bench) == 0
        }
        #expect(isDone)
        #expect(Set(later.calls.map(\.key)) == Set((0..<8).map(String.init)))
        #expect(later.calls.count == 8)
        await service.stop()
    }

    @Test func whatIsStoredOutlivesTheCallUntilItEnds() async throws {
        let functions = Functions(held: ["f"])
        let bench = try await bench(functions, [("f", "ObjectCreated:*", "")])
        try await bench.send("PUT", "/bucket/k", [], "x".bytes)
        try await settle(bench) { functions.calls.count == 1 }
        #expect(try pending(bench) == 1)
        functions.release()
        try await settle(bench) { try pending(bench) == 0 }
    }

    @Test func lifecycleTellsItsOwnEvents() async throws {
        let functions = Functions()
        let bench = try await bench(
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
        try await settle(bench) { functions.calls.count == 2 }
        #expect(Set(functions.calls.map(\.event)) == ["LifecycleExpiration:Delete", "LifecycleTransition"])
        #expect(functions.calls.allSatisfy { $0.function == "f" }, "no ObjectRemoved")
    }

    @Test func restoresTellTheirEvents() async throws {
        let functions = Functions()
        let bench = try await bench(functions, [("f", "ObjectRestore:*", "")])
        try await bench.send("PUT", "/bucket/k", [("x-amz-storage-class", "GLACIER")], "x".bytes)
        try await bench.send(
            "POST", "/bucket/k?restore", [], "<RestoreRequest><Days>1</Days></RestoreRequest>".bytes)
        try await settle(bench) { functions.calls.count == 2 }
        bench.clock.advance(milliseconds: 3 * ObjectsBench.day)
        try await settle(bench) { functions.calls.count == 3 }
        #expect(
            functions.calls.map(\.event)
                == ["ObjectRestore:Post", "ObjectRestore:Completed", "ObjectRestore:Delete"])
    }
}

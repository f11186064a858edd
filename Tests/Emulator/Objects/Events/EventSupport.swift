import Bytes
import Clock
import JSON
import Store
import Synchronization
import Testing
import Waiting

@testable import Objects

/// Takes the place of Lambda: notes every call, and answers as told.
final class Functions: Sendable {
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

    /// Of held functions, only calls about this key do not end; nil: all.
    private let heldKey: String?
    /// Calls about keys that begin so fail.
    private let failing: String?

    init(
        held: Set<String> = [], heldKey: String? = nil, failing: String? = nil,
        outcomes: [DeliveryOutcome] = []
    ) {
        self.held = held
        self.heldKey = heldKey
        self.failing = failing
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
        while held.contains(name), heldKey.map({ $0 == call.key }) ?? true, isHolding.withLock({ $0 }) {
            await Task.yield()
        }
        state.withLock { $0.running -= 1 }
        if let failing, call.key.hasPrefix(failing) { return .failed }
        return outcome
    }
}

extension ObjectsBench {
    private static func notifications(_ rules: [(function: String, event: String, prefix: String)]) -> [UInt8]
    {
        let elements = rules.enumerated().map { index, rule in
            "<CloudFunctionConfiguration><Id>\(index)</Id><CloudFunction>"
                + "arn:aws:lambda:us-east-1:000000000000:function:\(rule.function)</CloudFunction><Event>"
                + "s3:\(rule.event)</Event><Filter><S3Key><FilterRule><Name>prefix</Name><Value>\(rule.prefix)"
                + "</Value></FilterRule></S3Key></Filter></CloudFunctionConfiguration>"
        }
        return "<NotificationConfiguration>\(elements.joined())</NotificationConfiguration>".bytes
    }

    /// A bench with a bucket that tells functions.
    static func telling(
        _ functions: Functions, _ rules: [(function: String, event: String, prefix: String)]
    ) async throws -> ObjectsBench {
        let bench = try ObjectsBench(
            functions: functions.invoker, log: { line in functions.log.withLock { $0.append(line) } })
        try await bench.bucket()
        let answer = try await bench.send("PUT", "/bucket?notification", [], Self.notifications(rules))
        #expect(answer.status == 200, "\(answer.text)")
        return bench
    }

    func settle(until isDone: () throws -> Bool) async throws {
        let isSettled = try await eventually {
            await service.tick()
            return try isDone()
        }
        #expect(isSettled)
    }

    /// Until so many calls were made and what became of them is noted: time that passes earlier would count from later.
    func settle(_ functions: Functions, calls: Int) async throws {
        try await settle { functions.calls.count == calls && service.core.deliveries.callsUnderWay == 0 }
    }

    /// How many events are stored.
    func pending() throws -> Int {
        try store.read { snapshot in
            var count = 0
            let range = StorageKeys.allEvents
            try snapshot.scan(.objects, from: range.from, to: range.to, reverse: false) { _, _ in
                count += 1
                return true
            }
            return count
        }
    }
}

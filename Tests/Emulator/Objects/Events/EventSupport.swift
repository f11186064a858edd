import Bytes
import Clock
import JSON
import Store
import Synchronization
import Testing
import Waiting

@testable import Objects

/// Takes the place of Lambda: notes every event that it is given.
final class Functions: Sendable {
    struct Call: Sendable, Equatable {
        var function: String
        var event: String
        var key: String
        var requestID: String
    }

    /// Nothing is taken over.
    struct Full: Error {}

    private let taken = Mutex<[Call]>([])
    private let wakes = Mutex<[String]>([])
    private let isFull: Mutex<Bool>
    let log = Mutex<[String]>([])
    private let names: Set<String>

    /// - Parameter isFull: whether no event is taken over before `release`.
    init(_ names: Set<String> = ["f", "g"], isFull: Bool = false) {
        self.names = names
        self.isFull = Mutex(isFull)
    }

    var calls: [Call] { taken.withLock { $0 } }
    /// Functions that were woken, in order.
    var woken: [String] { wakes.withLock { $0 } }

    func release() { isFull.withLock { $0 = false } }

    var queue: EventQueue {
        EventQueue(
            exists: { [names] in names.contains($0) },
            put: { [self] name, payload, requestID, _ in
                guard !isFull.withLock({ $0 }) else { throw Full() }
                let record = (try? JSONValue.parse(payload))?["Records"]?[0]
                let call = Call(
                    function: name, event: record?["eventName"]?.string ?? "?",
                    key: record?["s3"]?["object"]?["key"]?.string ?? "?", requestID: requestID)
                taken.withLock { $0.append(call) }
            },
            wake: { [self] name in wakes.withLock { $0.append(name) } })
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
            functions: functions.queue, log: { line in functions.log.withLock { $0.append(line) } })
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
        // What follows the commit that is seen: waking functions, writing the log.
        await service.core.work.finish()
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

import Clock
import JSON
import Net
import Store
import Synchronization
import Testing
import Waiting

@testable import Lambda

/// Mappings with a stream that the test holds in its hands.
@Suite struct EventSourcesTests {
    private static let source = "arn:aws:dynamodb:eu-north-1:123456789012:table/t/stream/l"

    /// A stream of one shard.
    private final class Stream: Sendable {
        private let state: Mutex<(count: Int64, isGone: Bool)>
        /// Of all records; nil for the present.
        private let time: Timestamp?

        init(records: Int64, at time: Timestamp? = nil) {
            state = Mutex((records, false))
            self.time = time
        }

        func vanish() { state.withLock { $0.isGone = true } }
        func grow() { state.withLock { $0.count += 1 } }

        var reading: StreamReading {
            StreamReading(
                extent: { _ in
                    self.state.withLock { $0.isGone ? nil : StreamExtent(first: 1, next: $0.count + 1) }
                },
                page: { _, position, limit in
                    let (count, isGone) = self.state.withLock { $0 }
                    guard !isGone else { return nil }
                    let last = min(count, position + Int64(limit) - 1)
                    let records = position > last ? [] : (position...last).map(self.record)
                    return StreamPage(shardID: "shard", records: records, next: max(position, last + 1))
                })
        }

        private func record(_ position: Int64) -> StreamRecord {
            StreamRecord(
                position: position, time: time ?? SystemClock().now,
                json: [
                    "eventID": .string("\(position)"),
                    "dynamodb": ["SequenceNumber": .string("\(position)"), "Keys": [:]],
                ])
        }
    }

    @EventLoop private func follow(
        _ stream: Stream, _ shop: Workshop, _ more: [(String, JSONValue)] = []
    ) async throws -> EventSourceMapping {
        shop.service.eventNeighbours.streams = stream.reading
        var document: JSONObject = [
            "FunctionName": "f", "EventSourceArn": .string(Self.source), "StartingPosition": "TRIM_HORIZON",
        ]
        for (name, value) in more { document[name] = value }
        return try await shop.service.createEventSourceMapping(LambdaDocument(document))
    }

    private func checkpoint(_ mapping: EventSourceMapping, _ shop: Workshop) throws -> StreamCheckpoint? {
        try shop.store.read { try StreamCheckpoint.read(mapping.uuid, $0) }
    }

    @Test func theCheckpointFollowsTheCalls() async throws {
        try await Workshop().use { shop in
            let mapping = try await follow(Stream(records: 5), shop, [("BatchSize", 2)])
            let isDone = try await eventually { try checkpoint(mapping, shop)?.lanes.first?.position == 6 }
            #expect(isDone)
            let result = try checkpoint(mapping, shop)?.result
            #expect(result == "OK")
        }
    }

    @Test func aCheckpointGoesWithItsStream() async throws {
        try await Workshop().use { shop in
            let stream = Stream(records: 1)
            let mapping = try await follow(stream, shop)
            let isDone = try await eventually { try checkpoint(mapping, shop)?.lanes.first?.position == 2 }
            #expect(isDone)
            stream.vanish()
            let isGone = try await eventually { try checkpoint(mapping, shop) == nil }
            #expect(isGone)
            let result = await shop.service.eventSources.result(of: mapping)
            #expect(result == "PROBLEM: The stream does not exist any more")
        }
    }

    @Test func aCheckpointGoesWithItsMapping() async throws {
        try await Workshop().use { shop in
            let stream = Stream(records: 1)
            let mapping = try await follow(stream, shop)
            let isDone = try await eventually { try checkpoint(mapping, shop)?.lanes.first?.position == 2 }
            #expect(isDone)
            _ = try await shop.service.deleteEventSourceMapping(mapping.uuid)
            let isGone = try await eventually { try checkpoint(mapping, shop) == nil }
            #expect(isGone)
            stream.grow()
            // Another one gets there, and the first leaves no trace again.
            let other = try await follow(stream, shop)
            let isRead = try await eventually { try checkpoint(other, shop)?.lanes.first?.position == 3 }
            #expect(isRead)
            let left = try checkpoint(mapping, shop)
            #expect(left == nil)
        }
    }

    @Test func throttledCallsUseUpNoRetry() async throws {
        try await Workshop([Workshop.function(concurrency: 0)]).use { shop in
            let mapping = try await follow(Stream(records: 1), shop, [("MaximumRetryAttempts", 0)])
            let isBegun = try await eventually { try checkpoint(mapping, shop)?.lanes.first?.position == 1 }
            #expect(isBegun)
            // Long enough for some refusals; that nothing happens cannot be waited for.
            await sleep(milliseconds: 1_000)
            let position = try checkpoint(mapping, shop)?.lanes.first?.position
            #expect(position == 1)
        }
    }

    @Test func aMappingGoesOnWhereItWasWithAnotherServiceOnTheSameStore() async throws {
        try await Workshop().use { shop in
            let stream = Stream(records: 3)
            let mapping = try await follow(stream, shop)
            let isDone = try await eventually { try checkpoint(mapping, shop)?.lanes.first?.position == 4 }
            #expect(isDone)
            await shop.service.pause()
            stream.grow()
            await shop.service.use(LambdaState(store: shop.store))
            let isFurther = try await eventually { try checkpoint(mapping, shop)?.lanes.first?.position == 5 }
            #expect(isFurther)
        }
    }

    @Test func changesThatComeAtOnceLeaveAWorker() async throws {
        try await Workshop().use { shop in
            let stream = Stream(records: 1)
            let mapping = try await follow(stream, shop)
            for size in 2...5 {
                let change = LambdaDocument(["BatchSize": .number(JSONNumber(size))])
                _ = try await shop.service.updateEventSourceMapping(mapping.uuid, change)
            }
            let isDone = try await eventually { try checkpoint(mapping, shop)?.lanes.first?.position == 2 }
            #expect(isDone)
            stream.grow()
            let isFurther = try await eventually { try checkpoint(mapping, shop)?.lanes.first?.position == 3 }
            #expect(isFurther)
            let state = await shop.service.eventSources.state(of: mapping)
            #expect(state == "Enabled")
        }
    }

    @Test func aDamagedMappingStopsNoOther() async throws {
        try await Workshop().use { shop in
            let lines = Mutex<[String]>([])
            await shop.service.log { line in lines.withLock { $0.append(line) } }
            let stream = Stream(records: 1)
            let mapping = try await follow(stream, shop)
            await shop.service.pause()
            try await shop.store.commit { $0.put(.functions, QueueKeys.mapping("0-damaged"), [1]) }
            await shop.service.use(LambdaState(store: shop.store))
            stream.grow()
            let isFurther = try await eventually { try checkpoint(mapping, shop)?.lanes.first?.position == 3 }
            #expect(isFurther)
            let line = "Event source mapping 0-damaged is damaged: nothing is done for it."
            #expect(lines.withLock { $0 } == [line])
            let listed = try shop.store.read { try EventSourceMapping.all($0) }.map(\.uuid)
            #expect(listed == [mapping.uuid])
        }
    }

    @Test func aDamagedCheckpointIsNotStartedOver() async throws {
        try await Workshop().use { shop in
            let stream = Stream(records: 1)
            let mapping = try await follow(stream, shop)
            let isDone = try await eventually { try checkpoint(mapping, shop)?.lanes.first?.position == 2 }
            #expect(isDone)
            await shop.service.pause()
            try await shop.store.commit { $0.put(.functions, QueueKeys.checkpoint(mapping.uuid), [1]) }
            await shop.service.use(LambdaState(store: shop.store))
            let result = await shop.service.eventSources.result(of: mapping)
            #expect(result == "PROBLEM: The checkpoint cannot be read")
        }
    }

    @Test func aWindowEndsOnceHoweverManyOfItsRecordsWait() async throws {
        try await Workshop().use { shop in
            let finals = Mutex(0)
            await shop.observe { invocation in
                let event = try? JSONValue.parse(invocation.payload)
                if event?["isFinalInvokeForWindow"]?.bool == true { finals.withLock { $0 += 1 } }
            }
            let past = Timestamp(milliseconds: 1_700_000_000_000)
            let mapping = try await follow(
                Stream(records: 3_000, at: past), shop,
                [("BatchSize", 1_000), ("TumblingWindowInSeconds", 1)]
            )
            let isOver = try await eventually {
                guard let lane = try checkpoint(mapping, shop)?.lanes.first else { return false }
                return lane.position == 3_001 && lane.window == nil
            }
            #expect(isOver)
            #expect(finals.withLock { $0 } == 1)
        }
    }

    // MARK: - The manifest's

    private func declare(_ settings: JSONObject, _ shop: Workshop) async throws {
        let source = "arn:aws:sqs:eu-north-1:123456789012:q"
        try await shop.service.declare(queues: ["q": QueueSettings()])
        try await shop.service.declare(
            eventSources: [DeclaredEventSource(function: "f", source: source, settings: settings)])
    }

    private func settings(_ shop: Workshop) throws -> EventSourceMapping.Settings? {
        try shop.store.read { try EventSourceMapping.all($0) }.first?.settings
    }

    @Test func aQueueIsDeclaredAtEachStart() async throws {
        try await Workshop().use { shop in
            try await declare([:], shop)
            try await declare([:], shop)
            let size = try settings(shop)?.batchSize
            #expect(size == 10)
        }
    }

    @Test func whatIsNotDeclaredAnyMoreHasItsDefault() async throws {
        try await Workshop().use { shop in
            try await declare(["BatchSize": 3, "MaximumBatchingWindowInSeconds": 2], shop)
            try await declare(["MaximumBatchingWindowInSeconds": 2], shop)
            let found = try settings(shop)
            #expect(found?.batchSize == 10)
            #expect(found?.windowSeconds == 2)
        }
    }
}

extension Workshop {
    @EventLoop fileprivate func observe(_ observer: @escaping @Sendable (ObservedInvocation) -> Void) {
        service.observer = observer
    }
}

import AWSProtocol
import Bytes
import Clock
import Foundation
import HTTPTypes
import JSON
import Net
import Store
import Synchronization
import Testing
import Waiting

@testable import Lambda

/// The queue of asynchronous events with a function behind it.
@Suite struct AsyncEventsTests {
    @EventLoop private func send(
        _ shop: Workshop, _ body: String, to name: String = "f"
    ) async -> HTTPResponse {
        let context = AWSContext(
            requestID: UUID4.make(), region: "eu-north-1", accountID: "123456789012",
            now: SystemClock().now, identity: .signed(accessKeyID: "AK"))
        return await shop.service.restService.handle(
            HTTPRequest(
                method: "POST", target: "/2015-03-31/functions/\(name)/invocations",
                headers: ["X-Amz-Invocation-Type": "Event"], body: .bytes(Array(body.utf8))), context)
    }

    private func waiting(_ store: Store) throws -> Int64 {
        try store.read { try $0.counter(QueueKeys.eventCount) }
    }

    @Test func aFullQueueSaysSo() async throws {
        try await Workshop([Workshop.function(timeout: 60_000, concurrency: 1)]) { $0.asyncLimits.events = 2 }
            .use { shop in
                let slow = #"{"do":"sleep","seconds":60}"#
                #expect(await send(shop, slow).status == 202)
                #expect(await send(shop, slow).status == 202)
                let refused = await send(shop, slow)
                #expect(refused.status == 429)
                #expect(
                    String(decoding: refused.body.bytes ?? [], as: UTF8.self)
                        == #"{"Reason":"CallerRateLimitExceeded","Type":"User","message":"Rate Exceeded: 2 asynchronous events wait, and no more than 2 may."}"#
                )
            }
    }

    @Test func theBytesOfWaitingEventsAreLimitedToo() async throws {
        try await Workshop([Workshop.function(timeout: 60_000, concurrency: 1)]) {
            $0.asyncLimits.bytes = 1000
        }
        .use { shop in
            let large = #"{"do":"sleep","seconds":60,"text":"\#(String(repeating: "x", count: 1000))"}"#
            #expect(await send(shop, large).status == 202)
            #expect(await send(shop, large).status == 429)
        }
    }

    @Test func whatHasRunIsGoneFromTheStore() async throws {
        try await Workshop().use { shop in
            for number in 0..<20 { #expect(await send(shop, "\(number)").status == 202) }
            let isDone = try await eventually { try waiting(shop.store) == 0 }
            #expect(isDone)
            let bytes = try shop.store.read { try $0.counter(QueueKeys.eventBytes) }
            #expect(bytes == 0)
        }
    }

    @Test func manyEventsAreReadInPortions() async throws {
        try await Workshop([Workshop.function(concurrency: 0)]).use { shop in
            let event = AsyncEvent(
                function: "f", payload: Array("{}".utf8), requestID: "id", accepted: SystemClock().now)
            try await shop.store.commit { transaction in
                for _ in 0..<3_000 { try AsyncStorage.put(event, due: event.accepted, in: transaction) }
            }
            await shop.service.eventsArrived(for: "f")
            let isDone = try await eventually { try waiting(shop.store) == 0 }
            #expect(isDone)
        }
    }

    @Test func anotherStateHasEventsOfItsOwn() async throws {
        try await Workshop([Workshop.function(timeout: 60_000, concurrency: 1)]).use { shop in
            #expect(await send(shop, #"{"do":"sleep","seconds":60}"#).status == 202)
            let other = try Store.open(at: shop.folder + "/other")
            defer { other.close() }
            await shop.service.pause()
            await shop.service.use(LambdaState(store: other))
            let count = try waiting(shop.store)
            #expect(count == 1)
            let otherCount = try waiting(other)
            #expect(otherCount == 0)
        }
    }

    @Test func whileTheStateIsExchangedEventsWaitToBeAccepted() async throws {
        try await Workshop().use { shop in
            await shop.service.pause()
            let accepted = Task { @EventLoop in await send(shop, "{}").status }
            let count = try waiting(shop.store)
            #expect(count == 0)
            await shop.service.use(LambdaState(store: shop.store))
            #expect(await accepted.value == 202)
        }
    }

    @Test func anEventThatWasCutOffStays() async throws {
        let shop = try await Workshop([Workshop.function(timeout: 60_000)])
        #expect(await send(shop, #"{"do":"sleep","seconds":60}"#).status == 202)
        #expect(await eventually { await shop.isCalled() })
        await shop.service.shutdown()
        let count = try waiting(shop.store)
        #expect(count == 1)
        shop.store.close()
        try? FileManager.default.removeItem(atPath: shop.folder)
    }

    @Test func aFunctionWithoutCallsWaitsForNoOther() async throws {
        let functions = [Workshop.function("hung", timeout: 60_000), Workshop.function()]
        try await Workshop(functions).use { shop in
            await shop.limit(1)
            #expect(await send(shop, #"{"do":"sleep","seconds":60}"#, to: "hung").status == 202)
            #expect(await send(shop, "{}").status == 202)
            let isDone = try await eventually { try waiting(shop.store) == 1 }
            #expect(isDone)
        }
    }

    @Test func whatIsAnsweredWhileTheStateIsKeptAfterAllCounts() async throws {
        try await Workshop().use { shop in
            #expect(await send(shop, #"{"do":"sleep","seconds":1}"#).status == 202)
            #expect(await eventually { await shop.isCalled() })
            await shop.service.pause()
            let hasEnded = try await eventually { try await shop.log().contains("END RequestId") }
            #expect(hasEnded)
            await shop.service.use(LambdaState(store: shop.store), isSame: true)
            let isDone = try await eventually { try waiting(shop.store) == 0 }
            #expect(isDone)
            let starts = try await shop.log().components(separatedBy: "START RequestId").count - 1
            #expect(starts == 1)
        }
    }

    @Test func eventsGoOutAlthoughTheClockWasSetBack() async throws {
        try await Workshop().use { shop in
            let later = SystemClock().now + 3_600_000
            let event = AsyncEvent(
                function: "f", payload: Array("{}".utf8), requestID: "id", accepted: later)
            try await shop.store.commit { _ = try AsyncStorage.put(event, due: later, in: $0) }
            await shop.service.eventsArrived(for: "f")
            let isDone = try await eventually { try waiting(shop.store) == 0 }
            #expect(isDone)
        }
    }

    @Test func noEventRunsWithoutWhatIsConfiguredForIt() async throws {
        try await Workshop().use { shop in
            let lines = Mutex<[String]>([])
            await shop.service.log { line in lines.withLock { $0.append(line) } }
            try await shop.store.commit {
                $0.put(.functions, QueueKeys.invokeConfig("f", "$LATEST"), Array("damaged".utf8))
            }
            #expect(await send(shop, "{}").status == 202)
            let isTold = await eventually {
                lines.withLock { $0.contains { $0.contains("cannot be read") } }
            }
            #expect(isTold)
            let count = try waiting(shop.store)
            #expect(count == 1)
            try await shop.store.commit {
                $0.delete(.functions, QueueKeys.invokeConfig("f", "$LATEST"))
            }
            let isDone = try await eventually { try waiting(shop.store) == 0 }
            #expect(isDone)
        }
    }

    @Test func aDamagedRecordHoldsUpNoOther() async throws {
        try await Workshop().use { shop in
            let stored = Mutex<[String]>([])
            await shop.take { _, key, _ in stored.withLock { $0.append(key) } }
            let now = SystemClock().now
            try await shop.store.commit {
                let damaged = QueueKeys.waiting(QueueKeys.allRecords, due: now - 1, order: 0)
                $0.put(.queue, damaged, [9])
                BucketDelivery(bucket: "b", key: "k", first: now, body: [1]).write(due: now, in: $0)
            }
            await shop.service.bucketDeliveries.wake()
            #expect(await eventually { stored.withLock { $0 } == ["k"] })
        }
    }

    @Test func eventsOfADeletedFunctionGoAndThoseOfTheNextStay() async throws {
        try await Workshop([Workshop.function(timeout: 60_000, concurrency: 1)]).use { shop in
            let slow = #"{"do":"sleep","seconds":60}"#
            for _ in 0..<3 { #expect(await send(shop, slow).status == 202) }
            try await shop.store.commit { try AsyncStorage.forget("f", in: $0) }
            #expect(await send(shop, slow).status == 202)
            await shop.service.asyncEvents.deleted.forget("f")
            #expect(try await eventually { try waiting(shop.store) == 1 })
            #expect(try await eventually { try shop.store.read { try AsyncStorage.drops($0) }.isEmpty })
            let count = try waiting(shop.store)
            #expect(count == 1)
        }
    }

    @Test func theRemovalOfEventsGoesOnWithTheNextStart() async throws {
        try await Workshop([Workshop.function(concurrency: 0)]).use { shop in
            await shop.service.pause()
            let event = AsyncEvent(
                function: "gone", payload: [], requestID: "id", accepted: SystemClock().now)
            let config = QueueKeys.invokeConfig("gone", "$LATEST")
            try await shop.store.commit { transaction in
                for _ in 0..<450 { try AsyncStorage.put(event, due: event.accepted, in: transaction) }
                transaction.put(.functions, config, [1])
                try AsyncStorage.forget("gone", in: transaction)
            }
            let left = try shop.store.read { try $0.get(.functions, config) }
            #expect(left == nil)
            await shop.service.use(LambdaState(store: shop.store))
            #expect(try await eventually { try waiting(shop.store) == 0 })
        }
    }

    @Test func aFailedCallOfADeletedFunctionIsNotTriedAgain() async throws {
        try await Workshop().use { shop in
            let event = AsyncEvent(function: "f", payload: [], requestID: "id", accepted: SystemClock().now)
            let isDropped = try await shop.store.commit { transaction in
                let old = try AsyncStorage.put(event, due: event.accepted, in: transaction)
                try AsyncStorage.forget("f", in: transaction)
                let new = try AsyncStorage.put(event, due: event.accepted, in: transaction)
                return try [old, new].map { try AsyncStorage.isDropped($0, of: "f", in: transaction) }
            }
            #expect(isDropped == [true, false])
        }
    }
}

extension Workshop {
    /// Lets only so many asynchronous calls be under way.
    @EventLoop fileprivate func limit(_ calls: Int) { service.asyncEvents.mostUnderWay = calls }

    /// Gives each object to the test.
    @EventLoop fileprivate func take(
        _ put: @escaping @Sendable (_ bucket: String, _ key: String, _ body: [UInt8]) async throws -> Void
    ) {
        service.eventNeighbours.putObject = put
    }

    /// Whether the function has been given an event.
    @EventLoop fileprivate func isCalled() async -> Bool {
        ((try? await log()) ?? "").contains("START RequestId")
    }
}

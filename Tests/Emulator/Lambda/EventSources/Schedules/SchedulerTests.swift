import Bytes
import Clock
import Foundation
import Net
import Signing
import Store
import Testing
import Waiting

@testable import Lambda

/// Schedules by a clock that the test moves. Nothing runs: what was invoked waits in the queue.
@Suite struct SchedulerTests {
    private static let start = Timestamp(milliseconds: 1_700_000_000_000)

    @EventLoop private func withService(
        _ expression: String, _ body: (LambdaService, Store, ManualClock) async throws -> Void
    ) async throws {
        let folder = NSTemporaryDirectory() + "scheduler-" + UUID4.make()
        let clock = ManualClock(Self.start)
        let store = try Store.open(at: folder + "/store", clock: clock)
        let service = Self.service(folder, store, clock)
        service.declare(schedules: [try Schedule(name: "s", function: "absent", expression: expression)])
        service.start()
        do {
            try await body(service, store, clock)
        } catch {
            Issue.record(error)
        }
        await service.shutdown()
        store.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    @EventLoop private static func service(
        _ folder: String, _ store: Store, _ clock: ManualClock
    ) -> LambdaService {
        LambdaService(
            configuration: LambdaConfiguration(
                region: "us-east-1", accountID: "000000000000",
                credentials: Credentials(accessKeyID: "a", secretAccessKey: "b", sessionToken: nil),
                temporaryDirectory: folder + "/tmp", logDirectory: folder + "/logs"),
            functions: [], state: LambdaState(store: store), clock: clock)
    }

    private func invoked(_ store: Store) throws -> Int64 {
        try store.read { try $0.counter(QueueKeys.eventCount) }
    }

    @Test func aRateCallsAgainAndAgain() async throws {
        try await withService("rate(1 minute)") { _, store, clock in
            for count in 1...3 as ClosedRange<Int64> {
                clock.advance(milliseconds: 60_000)
                let isInvoked = try await eventually { try invoked(store) == count }
                #expect(isInvoked)
            }
        }
    }

    @Test func timesThatWereMissedAreNotMadeUpFor() async throws {
        try await withService("rate(1 hour)") { service, store, clock in
            // Noticed half an hour too late.
            clock.advance(milliseconds: 5_400_000)
            let isSeen = await eventually { await service.scheduler.lastLook == clock.now }
            #expect(isSeen)
            clock.advance(milliseconds: 1_800_000)
            let isInvoked = try await eventually { try invoked(store) > 0 }
            #expect(isInvoked)
            // Anything that was made up for would be counted by the time of the next call.
            clock.advance(milliseconds: 3_600_000)
            let isInvokedAgain = try await eventually { try invoked(store) > 1 }
            #expect(isInvokedAgain)
            try await Task.sleep(for: .milliseconds(200))
            let count = try invoked(store)
            #expect(count == 2)
        }
    }

    @Test func timesThatAClockShowsAgainAreKept() async throws {
        try await withService("cron(0 * * * ? *)") { service, store, clock in
            clock.advance(milliseconds: -6 * 3_600_000)
            let isSeen = await eventually { await service.scheduler.lastLook == clock.now }
            #expect(isSeen)
            // From 16:13:20 to 17:00:10.
            clock.advance(milliseconds: 2_810_000)
            let isInvoked = try await eventually { try invoked(store) == 1 }
            #expect(isInvoked)
        }
    }

    @Test func aRateCountsFromWhereItBeganAfterARestart() async throws {
        try await withService("rate(10 minutes)") { service, store, clock in
            let isStored = try await eventually {
                try store.read { try $0.get(.functions, QueueKeys.schedule("s")) } != nil
            }
            #expect(isStored)
            clock.advance(milliseconds: 240_000)
            await service.pause()
            await service.use(LambdaState(store: store))
            clock.advance(milliseconds: 360_000)
            let isInvoked = try await eventually { try invoked(store) == 1 }
            #expect(isInvoked)
        }
    }

    @Test func whatIsNotDeclaredAnyMoreIsNotCalled() async throws {
        try await withService("rate(1 minute)") { service, store, clock in
            let other = try Schedule(name: "other", function: "absent", expression: "rate(1 minute)")
            await service.declare(schedules: [other])
            for count in 1...2 as ClosedRange<Int64> {
                clock.advance(milliseconds: 60_000)
                let isInvoked = try await eventually { try invoked(store) >= count }
                #expect(isInvoked)
            }
            let count = try invoked(store)
            #expect(count == 2)
        }
    }
}

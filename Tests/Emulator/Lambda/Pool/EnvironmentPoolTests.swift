import Seeded
import Testing

@testable import Lambda

private typealias ID = EnvironmentPool.EnvironmentID

private func id(_ number: Int) -> ID { ID(number: number) }

@Suite struct EnvironmentPoolTests {
    /// A pool with environments 1...count, which became idle in this order at 1, 2, ...
    private func warmPool(_ count: Int, concurrency: Int? = nil) -> EnvironmentPool {
        var pool = EnvironmentPool(concurrency: concurrency ?? count)
        for number in 1...count { _ = pool.invoke(UInt64(number), room: 100) }
        for number in 1...count { _ = pool.ready(id(number), now: 0) }
        for number in 1...count {
            pool.answered(id(number))
            _ = pool.ready(id(number), now: Int64(number))
        }
        return pool
    }

    @Test func firstInvocationStartsAnEnvironmentAndGetsIt() {
        var pool = EnvironmentPool(concurrency: 2)
        #expect(pool.invoke(7, room: 1) == [.start(id(1))])
        #expect(pool.active == 1)
        #expect(pool.ready(id(1), now: 0) == [.assign(7, id(1))])
        #expect(pool.states == [id(1): .busy(1)])
        pool.answered(id(1))
        #expect(pool.active == 0)
        #expect(pool.ready(id(1), now: 5) == [])
        #expect(pool.states == [id(1): .idle])
    }

    @Test func mostRecentlyUsedIsReusedFirst() {
        var pool = warmPool(3)
        #expect(pool.invoke(10, room: 0) == [.assign(10, id(3))])
        #expect(pool.invoke(11, room: 0) == [.assign(11, id(2))])
        pool.answered(id(3))
        _ = pool.ready(id(3), now: 20)
        #expect(pool.invoke(12, room: 0) == [.assign(12, id(3))])
        #expect(pool.invoke(13, room: 0) == [.assign(13, id(1))])
    }

    @Test func scalesOutUpToItsConcurrencyThenRefuses() {
        var pool = EnvironmentPool(concurrency: 3)
        #expect(pool.invoke(1, room: 9) == [.start(id(1))])
        #expect(pool.invoke(2, room: 9) == [.start(id(2))])
        #expect(pool.invoke(3, room: 9) == [.start(id(3))])
        #expect(pool.invoke(4, room: 9) == [.refuse(4, .reserved)])
        #expect(pool.count == 3)
        #expect(pool.active == 3)
    }

    @Test func zeroConcurrencyRefusesAll() {
        var pool = EnvironmentPool(concurrency: 0)
        #expect(pool.invoke(1, room: 9) == [.refuse(1, .reserved)])
        #expect(pool.count == 0)
    }

    @Test func oldestWaitingInvocationIsServedFirst() {
        var pool = EnvironmentPool(concurrency: 2)
        _ = pool.invoke(1, room: 9)
        _ = pool.invoke(2, room: 9)
        #expect(pool.ready(id(2), now: 0) == [.assign(1, id(2))])
        #expect(pool.ready(id(1), now: 0) == [.assign(2, id(1))])
    }

    @Test func aStartThatLostItsInvocationIsPromisedToTheNext() {
        var pool = EnvironmentPool(concurrency: 3)
        _ = pool.invoke(1, room: 9)
        _ = pool.ready(id(1), now: 0)
        #expect(pool.invoke(2, room: 9) == [.start(id(2))])
        pool.answered(id(1))
        #expect(pool.ready(id(1), now: 0) == [.assign(2, id(1))])
        // Environment 2 is still starting, and free.
        #expect(pool.invoke(3, room: 9) == [])
        #expect(pool.ready(id(2), now: 0) == [.assign(3, id(2))])
    }

    @Test func aCallInARowWaitsForThePollInsteadOfScalingOut() {
        var pool = EnvironmentPool(concurrency: 5)
        _ = pool.invoke(1, room: 9)
        _ = pool.ready(id(1), now: 0)
        pool.answered(id(1))
        #expect(pool.invoke(2, room: 9) == [.lookAgain(afterMilliseconds: 20)])
        #expect(pool.ready(id(1), now: 1) == [.assign(2, id(1))])
        #expect(pool.patienceExpired(room: 9) == [])
        #expect(pool.count == 1)
    }

    @Test func patienceEndsWhenTheEnvironmentWorksOn() {
        var pool = EnvironmentPool(concurrency: 2)
        _ = pool.invoke(1, room: 9)
        _ = pool.ready(id(1), now: 0)
        pool.answered(id(1))
        #expect(pool.invoke(2, room: 9) == [.lookAgain(afterMilliseconds: 20)])
        #expect(pool.patienceExpired(room: 9) == [.start(id(2))])
        #expect(pool.ready(id(2), now: 30) == [.assign(2, id(2))])
    }

    @Test func atItsConcurrencyItWaitsForTheFinishingOne() {
        var pool = EnvironmentPool(concurrency: 1)
        _ = pool.invoke(1, room: 9)
        _ = pool.ready(id(1), now: 0)
        pool.answered(id(1))
        #expect(pool.invoke(2, room: 9) == [.lookAgain(afterMilliseconds: 20)])
        #expect(pool.patienceExpired(room: 9) == [])
        #expect(pool.invoke(3, room: 9) == [.refuse(3, .reserved)])
        #expect(pool.ready(id(1), now: 30) == [.assign(2, id(1))])
    }

    @Test func afterACrashTheNextInvocationInitialisesTheSameEnvironment() {
        var pool = warmPool(1)
        #expect(pool.invoke(5, room: 9) == [.assign(5, id(1))])
        pool.answered(id(1))
        #expect(pool.lost(id(1), now: 10) == [])
        #expect(pool.states == [id(1): .reset])
        #expect(pool.invoke(6, room: 9) == [.initialise(id(1), 6)])
        #expect(pool.states == [id(1): .busy(1)])
    }

    @Test func aCrashWithWaitingInvocationsReplacesAtOnce() {
        var pool = warmPool(1)
        _ = pool.invoke(5, room: 9)
        pool.answered(id(1))
        _ = pool.invoke(6, room: 9)
        #expect(pool.lost(id(1), now: 10) == [.initialise(id(1), 6)])
    }

    @Test func anIdleProcessThatEndsIsNotGivenWork() {
        var pool = warmPool(2)
        #expect(pool.lost(id(2), now: 10) == [])
        #expect(pool.invoke(5, room: 9) == [.assign(5, id(1))])
        #expect(pool.invoke(6, room: 9) == [.initialise(id(2), 6)])
    }

    @Test func aFailedInitIsTriedAgainInsideTheInvocation() {
        var pool = EnvironmentPool(concurrency: 2)
        _ = pool.invoke(1, room: 9)
        #expect(pool.initFailed(id(1), now: 3) == [.initialise(id(1), 1)])
        // It fails again: no third try by itself.
        pool.answered(id(1))
        #expect(pool.lost(id(1), now: 4) == [])
        #expect(pool.count == 1)
        #expect(pool.active == 0)
    }

    @Test func aFailedInitThatNobodyWaitsForStaysDown() {
        var pool = EnvironmentPool(concurrency: 2)
        _ = pool.invoke(1, room: 9)
        _ = pool.ready(id(1), now: 0)
        _ = pool.invoke(2, room: 9)
        pool.answered(id(1))
        _ = pool.ready(id(1), now: 0)
        #expect(pool.initFailed(id(2), now: 3) == [])
        #expect(pool.states[id(2)] == .reset)
    }

    @Test func withoutRoomInTheAccountItRefuses() {
        var pool = EnvironmentPool(concurrency: 5)
        _ = pool.invoke(1, room: 1)
        #expect(pool.invoke(2, room: 0) == [.refuse(2, .account)])
        #expect(pool.active == 1)
    }

    @Test func whatCannotBeCreatedRefusesOnlyThoseWithoutHope() {
        var pool = EnvironmentPool(concurrency: 5)
        _ = pool.invoke(1, room: 9)
        _ = pool.invoke(2, room: 9)
        #expect(pool.couldNotCreate(id(2)) == [.refuse(2, .noEnvironment)])
        #expect(pool.ready(id(1), now: 0) == [.assign(1, id(1))])
        #expect(pool.active == 1)
        #expect(pool.count == 1)
    }

    @Test func idleOnesExpireOldestFirst() {
        var pool = warmPool(3)
        #expect(pool.oldestIdle == 1)
        #expect(pool.expire(before: 0) == [])
        #expect(pool.expire(before: 2) == [.stop(id(1)), .stop(id(2))])
        #expect(pool.count == 1)
        #expect(pool.giveUpOldest() == [.stop(id(3))])
        #expect(pool.giveUpOldest() == [])
        #expect(pool.lost(id(3), now: 9) == [])
        #expect(pool.count == 0)
    }

    @Test func busyOnesDoNotExpire() {
        var pool = warmPool(2)
        _ = pool.invoke(9, room: 0)
        #expect(pool.expire(before: 1000) == [.stop(id(1))])
        #expect(pool.states == [id(2): .busy(1)])
    }

    @Test func eventsOfUnknownEnvironmentsChangeNothing() {
        var pool = EnvironmentPool(concurrency: 2)
        #expect(pool.ready(id(4), now: 0) == [])
        #expect(pool.lost(id(4), now: 0) == [])
        #expect(pool.initFailed(id(4), now: 0) == [])
        #expect(pool.couldNotCreate(id(4)) == [])
        pool.answered(id(4))
        #expect(pool.count == 0)
    }

    /// Random events: limits hold, each invocation gets exactly one end, none is forgotten.
    @Test(arguments: [1, 3]) func randomWalk(capacity: Int) {
        var random = SeededRandom.fresh("EnvironmentPoolTests")
        var walk = PoolWalk(capacity: capacity)
        for step in 0..<20_000 {
            walk.step(Int64(step), &random)
            guard walk.problems.isEmpty else { break }
        }
        walk.drain()
        #expect(walk.problems == [], "seed \(random.seed)")
        #expect(walk.open == [], "seed \(random.seed)")
        #expect(walk.ended > 1000, "seed \(random.seed)")
    }
}

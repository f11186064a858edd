import Testing

@testable import Lambda

private typealias ID = EnvironmentPool.EnvironmentID

private func id(_ number: Int) -> ID { ID(number: number) }

/// Several invocations at once, provisioned concurrency, and new environments for old ones.
@Suite struct PoolUpkeepTests {
    private func severalAtOnce(_ capacity: Int, concurrency: Int = 10) -> EnvironmentPool {
        EnvironmentPool(concurrency: concurrency, capacity: capacity)
    }

    // MARK: - Several invocations at once

    @Test func oneStartIsPromisedToAsManyAsItCanServe() {
        var pool = severalAtOnce(3)
        #expect(pool.invoke(1, room: 9) == [.start(id(1))])
        #expect(pool.invoke(2, room: 9) == [])
        #expect(pool.invoke(3, room: 9) == [])
        #expect(pool.invoke(4, room: 9) == [.start(id(2))])
        #expect(
            pool.ready(id(1), now: 0) == [.assign(1, id(1)), .assign(2, id(1)), .assign(3, id(1))])
        #expect(pool.ready(id(2), now: 0) == [.assign(4, id(2))])
        #expect(pool.states == [id(1): .busy(3), id(2): .busy(1)])
    }

    @Test func aFreePlaceIsGivenBeforeAnotherEnvironment() {
        var pool = severalAtOnce(2)
        _ = pool.invoke(1, room: 9)
        _ = pool.ready(id(1), now: 0)
        #expect(pool.invoke(2, room: 9) == [.assign(2, id(1))])
        #expect(pool.invoke(3, room: 9) == [.start(id(2))])
        #expect(pool.released(id(1), now: 1) == [.assign(3, id(1))])
    }

    @Test func aReleasedPlaceIsFree() {
        var pool = severalAtOnce(2)
        _ = pool.invoke(1, room: 9)
        _ = pool.ready(id(1), now: 0)
        #expect(pool.released(id(1), now: 7) == [])
        #expect(pool.states == [id(1): .idle])
        #expect(pool.oldestIdle == 7)
        #expect(pool.active == 0)
    }

    @Test func aCrashFreesAllPlaces() {
        var pool = severalAtOnce(2)
        _ = pool.invoke(1, room: 9)
        _ = pool.ready(id(1), now: 0)
        _ = pool.invoke(2, room: 9)
        #expect(pool.lost(id(1), now: 1) == [])
        #expect(pool.active == 0)
        #expect(pool.invoke(3, room: 9) == [.initialise(id(1), 3)])
        // The other place is promised, and there once the process is up.
        #expect(pool.invoke(4, room: 9) == [])
        #expect(pool.ready(id(1), now: 2) == [.assign(4, id(1))])
    }

    @Test func environmentsAreNoMoreThanTheConcurrencyNeeds() {
        var pool = severalAtOnce(4, concurrency: 6)
        for number in 1...6 { _ = pool.invoke(UInt64(number), room: 9) }
        #expect(pool.count == 2)
        #expect(pool.invoke(7, room: 9) == [.refuse(7, .reserved)])
    }

    @Test func aFullEnvironmentDoesNotExpire() {
        var pool = severalAtOnce(2)
        _ = pool.invoke(1, room: 9)
        _ = pool.ready(id(1), now: 0)
        #expect(pool.expire(before: 1000) == [])
        _ = pool.released(id(1), now: 5)
        #expect(pool.expire(before: 1000) == [.stop(id(1))])
    }

    // MARK: - Limits that are not the function's own

    @Test func beyondTheAccountsLimitTheReasonIsTheAccounts() {
        var pool = EnvironmentPool(concurrency: 1, refusal: .account)
        _ = pool.invoke(1, room: 9)
        #expect(pool.invoke(2, room: 9) == [.refuse(2, .account)])
    }

    // MARK: - Provisioned concurrency

    @Test func provisionedEnvironmentsStartAhead() {
        var pool = EnvironmentPool(concurrency: 5)
        #expect(pool.provision(2, room: 9) == [.startAhead(id(1)), .startAhead(id(2))])
        #expect(pool.provisionedReady == 0)
        #expect(pool.ready(id(1), now: 0) == [])
        #expect(pool.provisionedReady == 1)
        #expect(pool.invoke(1, room: 9) == [.assign(1, id(1))])
        #expect(pool.provisionedReady == 1)
    }

    @Test func theyNeverExpireNorMakeRoom() {
        var pool = EnvironmentPool(concurrency: 5)
        _ = pool.provision(1, room: 9)
        _ = pool.ready(id(1), now: 0)
        #expect(pool.expire(before: 1000) == [])
        #expect(pool.giveUpOldest() == [])
        #expect(pool.oldestIdle == nil)
    }

    @Test func theyStartAgainAfterACrash() {
        var pool = EnvironmentPool(concurrency: 5)
        _ = pool.provision(1, room: 9)
        _ = pool.ready(id(1), now: 0)
        #expect(pool.lost(id(1), now: 1) == [.restart(id(1), afterMilliseconds: 0)])
        let starts = pool.restarts(id(1))
        #expect(starts)
        #expect(pool.states == [id(1): .starting])
        #expect(pool.ready(id(1), now: 2) == [])
        #expect(pool.provisionedReady == 1)
    }

    @Test func anInitThatFailsIsTriedEverLater() {
        var pool = EnvironmentPool(concurrency: 5)
        _ = pool.provision(1, room: 9)
        for milliseconds in [1_000, 5_000, 30_000, 30_000] {
            #expect(
                pool.initFailed(id(1), now: 1) == [.restart(id(1), afterMilliseconds: milliseconds)])
            let starts = pool.restarts(id(1))
            #expect(starts)
        }
    }

    @Test func anInvocationNeedNotWaitForTheNextTry() {
        var pool = EnvironmentPool(concurrency: 5)
        _ = pool.provision(1, room: 9)
        _ = pool.initFailed(id(1), now: 1)
        #expect(pool.invoke(1, room: 9) == [.initialise(id(1), 1)])
        let starts = pool.restarts(id(1))
        #expect(!starts)
    }

    @Test func beyondThemInvocationsStartOthers() {
        var pool = EnvironmentPool(concurrency: 5)
        _ = pool.provision(1, room: 9)
        _ = pool.ready(id(1), now: 0)
        _ = pool.invoke(1, room: 9)
        #expect(pool.invoke(2, room: 9) == [.start(id(2))])
    }

    @Test func fewerAreKeptWhenFewerAreWanted() {
        var pool = EnvironmentPool(concurrency: 5)
        _ = pool.provision(3, room: 9)
        for number in 1...3 { _ = pool.ready(id(number), now: 0) }
        _ = pool.invoke(1, room: 9)
        #expect(pool.provision(1, room: 9) == [.stop(id(2))])
        // The one that is at work stays on as one on demand.
        #expect(pool.count == 2)
        #expect(pool.provisionedReady == 1)
    }

    @Test func theAccountsRoomIsKept() {
        var pool = EnvironmentPool(concurrency: 5)
        #expect(pool.provision(3, room: 1) == [.startAhead(id(1))])
    }

    // MARK: - New environments for old ones

    @Test func recyclingStopsIdleOnesAndLetsOthersFinish() {
        var pool = EnvironmentPool(concurrency: 5)
        _ = pool.invoke(1, room: 9)
        _ = pool.invoke(2, room: 9)
        _ = pool.ready(id(1), now: 0)
        _ = pool.ready(id(2), now: 0)
        pool.answered(id(1))
        _ = pool.ready(id(1), now: 1)
        #expect(pool.recycle(room: 9) == [.stop(id(1))])
        #expect(pool.invoke(3, room: 9) == [.start(id(3))])
        pool.answered(id(2))
        #expect(pool.ready(id(2), now: 2) == [.stop(id(2))])
        #expect(pool.ready(id(3), now: 3) == [.assign(3, id(3))])
    }

    @Test func whoWaitedForAStartGetsAnother() {
        var pool = EnvironmentPool(concurrency: 5)
        _ = pool.invoke(1, room: 9)
        #expect(pool.recycle(room: 0) == [.stop(id(1)), .start(id(2))])
        #expect(pool.ready(id(2), now: 1) == [.assign(1, id(2))])
    }

    @Test func whoWaitedForAPollGetsAnother() {
        var pool = EnvironmentPool(concurrency: 1)
        _ = pool.invoke(1, room: 9)
        _ = pool.ready(id(1), now: 0)
        pool.answered(id(1))
        #expect(pool.invoke(2, room: 0) == [.lookAgain(afterMilliseconds: 20)])
        #expect(pool.recycle(room: 0) == [])
        #expect(pool.ready(id(1), now: 1) == [.stop(id(1)), .start(id(2))])
        #expect(pool.ready(id(2), now: 2) == [.assign(2, id(2))])
    }

    @Test func provisionedOnesAreReplaced() {
        var pool = EnvironmentPool(concurrency: 5)
        _ = pool.provision(1, room: 9)
        _ = pool.ready(id(1), now: 0)
        #expect(pool.recycle(room: 0) == [.stop(id(1)), .startAhead(id(2))])
    }

    @Test func aStaleOneThatCrashesIsGone() {
        var pool = EnvironmentPool(concurrency: 5)
        _ = pool.invoke(1, room: 9)
        _ = pool.ready(id(1), now: 0)
        #expect(pool.recycle(room: 9) == [])
        pool.answered(id(1))
        #expect(pool.lost(id(1), now: 1) == [.stop(id(1))])
        #expect(pool.isEmpty)
    }

    @Test func aRetiredPoolServesWhatWaitsAndKeepsNothing() {
        var pool = EnvironmentPool(concurrency: 5)
        _ = pool.invoke(1, room: 9)
        _ = pool.provision(1, room: 9)
        #expect(pool.retire() == [.stop(id(2))])
        #expect(pool.ready(id(1), now: 1) == [.assign(1, id(1))])
        pool.answered(id(1))
        #expect(pool.ready(id(1), now: 2) == [.stop(id(1))])
        #expect(pool.isEmpty)
    }

    @Test func aRetiredPoolStopsWhatIsIdleOrHasNoProcess() {
        var pool = EnvironmentPool(concurrency: 5)
        _ = pool.invoke(1, room: 9)
        _ = pool.invoke(2, room: 9)
        for number in 1...2 {
            _ = pool.ready(id(number), now: 0)
            pool.answered(id(number))
        }
        _ = pool.ready(id(1), now: 1)
        _ = pool.lost(id(2), now: 1)
        #expect(pool.retire() == [.stop(id(2)), .stop(id(1))])
        #expect(pool.isEmpty)
    }
}

import Glibc
import Net
import Testing
import Waiting

@Suite struct LoopTimerTests {
    @Test @EventLoop func firesOnceAndNotEarly() async {
        let counter = Counter()
        let start = ContinuousClock.now
        _ = LoopTimer(afterMilliseconds: 30) { counter.add() }
        for _ in 0..<1_000 where counter.value == 0 { await sleep(milliseconds: 1) }
        #expect(ContinuousClock.now - start >= .milliseconds(29))
        await sleep(milliseconds: 60)
        #expect(counter.value == 1)
    }

    /// Without a fresh look at the clock a timer that is set after long work fires at once.
    @Test @EventLoop func countsFromTheCallAfterLongWork() async {
        usleep(80_000)
        let start = ContinuousClock.now
        await sleep(milliseconds: 60)
        #expect(ContinuousClock.now - start >= .milliseconds(58))
    }

    @Test @EventLoop func repeatsUntilCancelled() async {
        let counter = Counter()
        let timer = LoopTimer(afterMilliseconds: 5, repeating: true) { counter.add() }
        for _ in 0..<1_000 where counter.value < 5 { await sleep(milliseconds: 10) }
        timer.cancel()
        let count = counter.value
        #expect(count >= 5)
        await sleep(milliseconds: 30)
        #expect(counter.value == count)
        timer.cancel()
    }

    @Test @EventLoop func cancelledTimerNeverFires() async {
        let counter = Counter()
        let timer = LoopTimer(afterMilliseconds: 10) { counter.add() }
        timer.cancel()
        await sleep(milliseconds: 40)
        #expect(counter.value == 0)
    }

    @Test @EventLoop func sleepEndsEarlyWhenCancelled() async {
        let start = ContinuousClock.now
        let task = Task { @EventLoop in await sleep(milliseconds: 30_000) }
        await sleep(milliseconds: 5)
        task.cancel()
        await task.value
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test @EventLoop func signalsReachTheirHandlers() async {
        let counter = Counter()
        onSignal(SIGUSR1) { counter.add() }
        onSignal(SIGUSR1) { counter.add() }
        kill(getpid(), SIGUSR1)
        #expect(await eventually { counter.value == 2 })
    }
}

import Glibc
import Net
import SocketSupport
import Synchronization
import Testing
import Waiting

@Suite struct EventLoopTests {
    @Test @EventLoop func jobsOfOneTaskStayOnTheLoop() async {
        #expect(EventLoop.isCurrent)
        await Task.yield()
        #expect(EventLoop.isCurrent)
        _ = try? await onThread { 1 }
        #expect(EventLoop.isCurrent)
    }

    @Test func otherThreadsAreNotTheLoop() async throws {
        #expect(try await onThread { EventLoop.isCurrent } == false)
    }

    @Test func jobsFromManyThreadsAllRun() async throws {
        let counter = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { try await onThread { for _ in 0..<500 { Task { await counter.add() } } } }
            }
            try await group.waitForAll()
        }
        #expect(await eventually { await counter.value == 4_000 })
    }

    @Test @EventLoop func jobsKeepTheirOrder() async {
        var order: [Int] = []
        let tasks = (0..<100).map { index in Task { @EventLoop in order.append(index) } }
        for task in tasks { await task.value }
        #expect(order == Array(0..<100))
    }

    @Test @EventLoop func anImmediateTaskBeginsInPlaceInsideACallback() async {
        let result = await withCheckedContinuation { continuation in
            _ = LoopTimer(afterMilliseconds: 1) {
                var hasBegun = false
                Task.immediate { @EventLoop in hasBegun = true }
                continuation.resume(returning: hasBegun)
            }
        }
        #expect(result)
    }

    /// Two tasks that wake each other for ever must not starve timers.
    @Test @EventLoop func endlessJobsLeaveTimersTheirTurn() async {
        let busy = Task { @EventLoop in
            while !Task.isCancelled { await Task.yield() }
        }
        await sleep(milliseconds: 20)
        busy.cancel()
        await busy.value
    }

    @Test @EventLoop func nonisolatedAsyncCodeStaysOnTheLoop() async {
        #expect(await whereAmI())
    }
}

private func whereAmI() async -> Bool { EventLoop.isCurrent }

@EventLoop final class Counter {
    private(set) var value = 0
    func add() { value += 1 }
}

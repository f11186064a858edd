import Glibc
import Net
import Synchronization
import Testing

@Suite struct BlockingTests {
    private struct Refused: Error, Equatable { let code: Int }

    @Test @EventLoop func runsElsewhereAndComesBack() async throws {
        let wasOnLoop = try await runBlocking { EventLoop.isCurrent }
        #expect(!wasOnLoop)
        #expect(EventLoop.isCurrent)
    }

    @Test func passesErrorsOn() async {
        await #expect(throws: Refused(code: 3)) { try await runBlocking { throw Refused(code: 3) } }
    }

    /// The work ends only when the loop has ticked three times meanwhile.
    @Test @EventLoop func theLoopGoesOnMeanwhile() async throws {
        let ticks = Ticks()
        let timer = LoopTimer(afterMilliseconds: 5, repeating: true) { ticks.add() }
        let seen = try await runBlocking {
            for _ in 0..<1_000 where ticks.value < 3 { usleep(10_000) }
            return ticks.value
        }
        timer.cancel()
        #expect(seen >= 3)
    }

    @Test func systemErrorsNameTheCall() {
        #expect(throws: SystemError(call: "open", code: ENOENT)) {
            _ = try System.open("/no/such/file", O_RDONLY)
        }
        #expect(SystemError(call: "open", code: ENOENT).description == "open: No such file or directory")
    }
}

/// Counts on the loop, read from a pool thread.
private final class Ticks: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}

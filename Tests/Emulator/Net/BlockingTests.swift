import Glibc
import Net
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

    @Test @EventLoop func theLoopGoesOnMeanwhile() async throws {
        let counter = Counter()
        let timer = LoopTimer(afterMilliseconds: 5, repeating: true) { counter.add() }
        try await runBlocking { _ = usleep(150_000) }
        timer.cancel()
        #expect(counter.value >= 3)
    }

    @Test func systemErrorsNameTheCall() {
        #expect(throws: SystemError(call: "open", code: ENOENT)) {
            _ = try System.open("/no/such/file", O_RDONLY)
        }
        #expect(SystemError(call: "open", code: ENOENT).description == "open: No such file or directory")
    }
}

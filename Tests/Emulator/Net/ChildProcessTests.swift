import Glibc
import Net
import SocketSupport
import Testing
import Waiting

// Testing has a type of this name, too.
private typealias ExitStatus = Net.ExitStatus

@Suite struct ChildProcessTests {
    private func shell(_ script: String, input: [UInt8]? = nil) -> ChildProcess.Options {
        .init(
            executable: "/bin/sh", arguments: ["-c", script],
            environment: ["PATH=/usr/bin:/bin", "MARK=here"],
            workingDirectory: "/usr", input: input)
    }

    private func run(_ script: String, input: [UInt8]? = nil, timeout: Int = 20_000, limit: Int = 1 << 20)
        async throws
        -> (status: ExitStatus, output: String, errors: String)
    {
        let result = try await ChildProcess.run(
            shell(script, input: input), timeoutMilliseconds: timeout, maxOutputBytes: limit)
        return (
            result.status, String(decoding: result.output, as: UTF8.self),
            String(decoding: result.errors, as: UTF8.self)
        )
    }

    @Test func outputErrorsAndExitCode() async throws {
        let result = try await run("echo out; echo err >&2; exit 7")
        #expect(result.status == ExitStatus(code: 7, signal: 0))
        #expect(result.output == "out\n")
        #expect(result.errors == "err\n")
    }

    @Test func environmentAndFolderAreWhatWasGiven() async throws {
        let result = try await run("pwd; echo $MARK; echo \"[$HOME]\"")
        #expect(result.output == "/usr\nhere\n[]\n")
    }

    @Test func inputIsReadToItsEnd() async throws {
        let input = [UInt8](repeating: 0x61, count: 300_000)
        #expect(try await run("wc -c", input: input).output.contains("300000"))
        #expect(try await run("cat").output.isEmpty)
    }

    @Test func aChildThatIgnoresItsInputIsNoError() async throws {
        #expect(try await run("exit 0", input: [UInt8](repeating: 1, count: 1 << 20)).status.code == 0)
    }

    @Test func theSignalThatEndedItIsTold() async throws {
        #expect(try await run("kill -TERM $$").status == ExitStatus(code: 0, signal: Int(SIGTERM)))
    }

    @Test func aMissingProgramIsNamed() async {
        let options = ChildProcess.Options(executable: "/no/such/program")
        await #expect(
            throws: NetError.spawnFailed(executable: "/no/such/program", reason: "no such file or directory")
        ) { _ = try await ChildProcess.run(options, timeoutMilliseconds: 1_000, maxOutputBytes: 10) }
    }

    @Test func timeoutKillsGrandchildrenToo() async throws {
        let folder = try makeTemporaryFolder()
        defer { Files.removeTree(folder) }
        await #expect(throws: NetError.timedOut(executable: "/bin/sh", milliseconds: 4_000)) {
            _ = try await run("sleep 1000 & echo $! > \(folder)/pid; wait", timeout: 4_000)
        }
        let text = String(decoding: try Files.readFile(folder + "/pid", limit: 100), as: UTF8.self)
        let grandchild = try #require(Int32(text.split(separator: "\n").first ?? ""))
        #expect(await eventually { !isRunning(grandchild) })
    }

    /// Killed and waiting to be reaped by its new parent counts as ended.
    private func isRunning(_ pid: Int32) -> Bool {
        guard let bytes = try? Files.readFile("/proc/\(pid)/stat", limit: 4_096) else { return false }
        return !String(decoding: bytes, as: UTF8.self).contains(") Z")
    }

    @Test func tooMuchOutputEndsIt() async {
        await #expect(throws: NetError.outputTooLarge(executable: "/bin/sh", limit: 10_000)) {
            _ = try await run("yes", limit: 10_000)
        }
    }

    @Test func cancellationEndsIt() async {
        let task = Task { try await run("sleep 1000") }
        await sleep(milliseconds: 100)
        task.cancel()
        await #expect(throws: NetError.cancelled(executable: "/bin/sh")) { _ = try await task.value }
    }

    @Test func aGrandchildThatHoldsThePipesDelaysNothing() async throws {
        let start = ContinuousClock.now
        let result = try await run("sleep 1000 & echo $!")
        #expect(ContinuousClock.now - start < .seconds(500))
        kill(try #require(Int32(result.output.dropLast())), SIGKILL)
    }

    @Test func noDescriptorLeaksIntoTheChild() async throws {
        // Of the test process's own: what other tests have opened to be inherited.
        let inherited = Set((3..<1_024).filter { fcntl($0, F_GETFD) == 0 })
        let listener = try await TCPListener(host: "127.0.0.1", port: 0) { $0.close() }
        let seen = Set(
            try await run("ls /proc/self/fd").output.split(separator: "\n").compactMap { Int32($0) })
        let surplus = seen.subtracting([0, 1, 2]).subtracting(inherited)
        // ls itself opens the folder.
        #expect(surplus.count == 1, "\(seen.sorted()), inherited \(inherited.sorted())")
        await listener.close()
    }

    @Test @EventLoop func endedProcessesAreReapedAndKillIsHarmless() async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: ExitStatus.self)
        let process = try ChildProcess(
            shell("exit 3"), onOutput: { _, _ in }, onExit: { continuation.yield($0) })
        var iterator = stream.makeAsyncIterator()
        #expect(await iterator.next() == ExitStatus(code: 3, signal: 0))
        process.kill(SIGKILL)
        #expect(access("/proc/\(process.pid)", F_OK) != 0)
    }

    @Test @EventLoop func outputComesAsItIsWritten() async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        let process = try ChildProcess(
            shell("echo first; sleep 1000"),
            onOutput: { isError, bytes in
                continuation.yield("\(isError) " + String(decoding: bytes, as: UTF8.self))
            },
            onExit: { continuation.yield("signal \($0.signal)") })
        var iterator = stream.makeAsyncIterator()
        #expect(await iterator.next() == "false first\n")
        process.kill(SIGTERM)
        #expect(await iterator.next() == "signal 15")
    }
}

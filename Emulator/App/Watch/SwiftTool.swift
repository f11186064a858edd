import Bytes
import JSON
import Net

/// Runs `swift`, as found on the PATH, in a package.
@EventLoop
final class SwiftTool {
    struct Outcome: Sendable {
        let status: ExitStatus
        let output: [UInt8]
        let errors: [UInt8]
        /// Seconds.
        let duration: Double

        var succeeded: Bool { status.code == 0 && status.signal == 0 }

        /// How it ended: of a compiler that was killed, this is all there is to say.
        var ending: String {
            status.signal == 0 ? "swift: exit code \(status.code)" : "swift: ended by signal \(status.signal)"
        }

        var words: CompilerOutput {
            let said = CompilerOutput(String(utf8: output + errors))
            guard said.text.isEmpty || status.signal != 0 else { return said }
            return CompilerOutput(said.text + "\n" + ending)
        }
    }

    private static let longestOutput = 4 << 20
    /// Milliseconds that an interrupted build has to end.
    private static let longestGoodbye: UInt64 = 5_000
    private let environment: [String]
    private var running: [Int: ChildProcess] = [:]
    private var runs = 0
    private(set) var isEnded = false

    nonisolated init(environment: [String: String]) {
        self.environment = environment.map { "\($0.key)=\($0.value)" }
    }

    /// - Returns: nil when it could not be started.
    func run(_ arguments: [String], in package: String) async -> Outcome? {
        guard !isEnded else { return nil }
        let started = EventLoop.nowMilliseconds
        let gathered = Gathered()
        let options = ChildProcess.Options(
            executable: "/usr/bin/env", arguments: arguments, environment: environment,
            workingDirectory: package)
        runs += 1
        let run = runs
        return await withCheckedContinuation { continuation in
            do throws(NetError) {
                running[run] = try ChildProcess(
                    options,
                    onOutput: { isError, bytes in gathered.add(bytes, isError: isError) },
                    onExit: { [self] status in
                        running[run] = nil
                        continuation.resume(
                            returning: Outcome(
                                status: status, output: gathered.output, errors: gathered.errors,
                                duration: Double(EventLoop.nowMilliseconds - started) / 1_000))
                    })
            } catch {
                continuation.resume(returning: nil)
            }
        }
    }

    /// Why a package cannot be described.
    struct Refusal: Error {
        let words: String
    }

    /// What a package is made of.
    func describe(_ package: String) async throws(Refusal) -> JSONValue {
        guard let outcome = await run(["swift", "package", "describe", "--type", "json"], in: package),
            outcome.status.code != 127
        else { throw Refusal(words: "there is no 'swift' on the PATH") }
        guard outcome.succeeded else { throw Refusal(words: outcome.words.text) }
        // Notes may come before the document.
        guard let start = outcome.output.firstIndex(of: UInt8(ascii: "{")),
            let document = try? JSONValue.parse(Array(outcome.output[start...]))
        else { throw Refusal(words: "'swift package describe' has answered no JSON") }
        return document
    }

    /// Interrupts what runs; nothing is started any more.
    func interrupt() {
        isEnded = true
        // SwiftPM passes an interruption on to its compilers, which have process groups of their own.
        for process in running.values { process.kill(2) }
    }

    /// Interrupts what runs, and waits until it has ended: what outlives this process has nobody to end it.
    func end() async {
        interrupt()
        let deadline = EventLoop.nowMilliseconds + Self.longestGoodbye
        while !running.isEmpty, EventLoop.nowMilliseconds < deadline { await sleep(milliseconds: 20) }
        for process in running.values { process.kill(9) }
    }

    @EventLoop private final class Gathered {
        var output: [UInt8] = []
        var errors: [UInt8] = []

        nonisolated init() {}

        func add(_ bytes: [UInt8], isError: Bool) {
            guard output.count + errors.count < SwiftTool.longestOutput else { return }
            if isError { errors += bytes } else { output += bytes }
        }
    }
}

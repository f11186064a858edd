import Clock
import HTTPServer
import HTTPTypes
import JSON
import Net

/// Measures how long a function takes from the start of its process to its first question for an event, on a
/// Runtime API that never has one.
struct InitMeter: Sendable {
    enum Reading: Sendable, Equatable {
        /// Milliseconds, the median of several starts.
        case median(Double)
        /// It ended, or said itself that it cannot start; its words or the system's.
        case failed(String)
    }

    /// An odd number: the median is one that was measured.
    static let starts = 7

    let function: Manifest.Function
    /// The function's own, for an emulator on this port.
    let variables: @Sendable (_ port: Int) -> [String: String]

    /// - Parameters:
    ///   - program: a file that can be run.
    ///   - folder: where it runs.
    @EventLoop func measure(_ program: String, in folder: String) async -> Reading {
        var times: [Double] = []
        for _ in 0..<Self.starts {
            switch await InitStart().run(program, in: folder, environment: environment) {
            case .median(let time): times.append(time)
            case .failed(let words): return .failed(words)
            }
        }
        return .median(times.sorted()[times.count / 2])
    }

    private func environment(_ port: Int) -> [String] {
        let lambda = [
            "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:\(port)", "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "\(function.memorySize)",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "LAMBDA_TASK_ROOT": "/var/task", "_HANDLER": "bootstrap", "TZ": ":UTC",
            "PATH": "/usr/local/bin:/usr/bin:/bin", "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        ]
        return lambda.merging(variables(port)) { _, own in own }.map { "\($0.key)=\($0.value)" }
    }
}

/// One start, with a Runtime API of its own: nothing that an earlier process has sent is taken for this
/// one's.
@EventLoop
private final class InitStart {
    /// Milliseconds; Lambda's own limit for an init phase.
    private static let patience = 10_000
    private static let longestWords = 4_096

    private var began: UInt64 = 0
    private var reading: InitMeter.Reading?
    private var waiting: CheckedContinuation<Void, Never>?
    private var words: [UInt8] = []

    nonisolated init() {}

    func run(
        _ program: String, in folder: String, environment: (Int) -> [String]
    ) async -> InitMeter.Reading {
        var options = HTTPServerOptions()
        options.shutdownGraceMs = 100
        do throws(NetError) {
            let server = try HTTPServer(host: "127.0.0.1", port: 0, options: options) { request in
                await self.answer(request)
            }
            let variables = environment(server.port)
            began = MonotonicClock.nanoseconds
            let process = try ChildProcess(
                .init(executable: program, environment: variables, workingDirectory: folder),
                onOutput: { _, bytes in self.words += bytes.prefix(Self.longestWords - self.words.count) },
                onExit: { status in self.ended(status) })
            let timer = LoopTimer(afterMilliseconds: Self.patience) {
                self.end(.failed("it asked for no event within \(Self.patience / 1_000) s"))
            }
            if reading == nil { await withCheckedContinuation { waiting = $0 } }
            timer.cancel()
            process.kill(9)
            await server.close()
        } catch {
            end(.failed("\(error)"))
        }
        return reading ?? .failed("it was not started")
    }

    private func end(_ outcome: InitMeter.Reading) {
        guard reading == nil else { return }
        reading = outcome
        waiting?.resume()
        waiting = nil
    }

    private func ended(_ status: ExitStatus) {
        let ending = status.signal == 0 ? "exit code \(status.code)" : "signal \(status.signal)"
        // Programs tell in their last line why they end.
        let line = words.split(separator: UInt8(ascii: "\n")).last.map { String(decoding: $0, as: UTF8.self) }
        end(.failed(line ?? "it ended with \(ending) before it asked for an event"))
    }

    private func answer(_ request: HTTPRequest) async -> HTTPResponse {
        switch request.path {
        case "/2018-06-01/runtime/invocation/next":
            end(.median(Double(MonotonicClock.nanoseconds - began) / 1_000_000))
            // There is no event, and the process ends soon.
            await sleep(milliseconds: Self.patience)
        case "/2018-06-01/runtime/init/error":
            let document = try? JSONValue.parse(request.body.bytes ?? [])
            end(.failed(document?["errorMessage"]?.string ?? "it reports that it cannot start"))
        default: break
        }
        return HTTPResponse(status: 202)
    }
}

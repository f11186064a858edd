import Bytes
import Clock
import HTTPClient
import HTTPTypes
import JSON
import Lambda
import Net
import Signing

/// Calls functions of the manifest: through the running emulator on the same data folder, or in one of its own.
@EventLoop
struct FunctionCaller {
    /// What a call gave, however it was made.
    struct Answer: Sendable {
        let payload: [UInt8]
        let functionError: String?
        let log: [UInt8]
        /// As the caller measured it.
        let milliseconds: Double
    }

    let options: EmulatorOptions

    /// - Throws: a failure that suggests a name when there is no such function.
    nonisolated static func check(_ name: String, in manifest: Manifest) throws(CommandFailure) {
        guard manifest.function(name) == nil else { return }
        let names = manifest.functions.map(\.name)
        let hint = Spelling.closest(to: name, among: names).map { "Did you mean '\($0)'?" }
        throw CommandFailure(
            .missingInput,
            "The manifest has no function '\(name)'. \(hint ?? "It has: \(names.joined(separator: ", ")).")")
    }

    /// One call with its log.
    /// - Parameters:
    ///   - version: a number; nil is `$LATEST`.
    ///   - isReplay: whether the event has run before.
    /// - Throws: a failure with the code `unavailable` when the function was not run.
    func once(
        _ name: String, event: [UInt8], version: String? = nil, isReplay: Bool = false
    ) async throws -> Answer {
        if let running = options.data.running() {
            var remote = try RemoteFunction(name, event: event, manifest: options.manifest, running: running)
            remote.version = version
            remote.isReplay = isReplay
            return try await runBlocking { [remote] in
                try remote.call(RemoteFunction.client(), wantsLog: true)
            }
        }
        try Self.check(name, in: options.manifest)
        let emulator = try await Emulator.start(options)
        let start = MonotonicClock.nanoseconds
        let outcome = await emulator.lambda.invoke(
            name, payload: event, InvokeOptions(qualifier: version, wantsLogTail: true))
        let milliseconds = Double(MonotonicClock.nanoseconds - start) / 1e6
        await emulator.stop()
        switch outcome {
        case .success(let result), .functionError(let result):
            return Answer(
                payload: result.payload, functionError: result.functionError, log: result.logTail,
                milliseconds: milliseconds)
        default:
            throw CommandFailure(.unavailable, "The function '\(name)' was not run: \(outcome).")
        }
    }

    /// Many calls, without logs.
    func repeated(
        _ name: String, event: [UInt8], count: Int, concurrency: Int, progress: @escaping (Int) -> Void
    ) async throws -> LatencyReport {
        if let running = options.data.running() {
            let remote = try RemoteFunction(name, event: event, manifest: options.manifest, running: running)
            return await RepeatedCalls(count: count, progress: progress)
                .run(onThreads: concurrency) { RemoteCalls(remote) }
        }
        try Self.check(name, in: options.manifest)
        let emulator = try await Emulator.start(options)
        let report = await RepeatedCalls(count: count, progress: progress)
            .run(tasks: concurrency) { await Self.failure(of: emulator.lambda.invoke(name, payload: event)) }
        await emulator.stop()
        return report
    }

    private nonisolated static func failure(of outcome: InvokeOutcome) -> String? {
        switch outcome {
        case .success: nil
        case .functionError(let result): String(utf8: Array(result.payload.prefix(300)))
        case .throttled(let reason): "throttled: \(reason)"
        default: "\(outcome)"
        }
    }
}

/// A function of the running emulator, called by its Invoke API as the AWS CLI would.
struct RemoteFunction: Sendable {
    private let name: String
    private let event: [UInt8]
    private let manifest: Manifest
    private let url: URLParts
    private let signer: SigV4Signer
    /// A number; nil is `$LATEST`.
    var version: String?
    /// Whether the event has run before.
    var isReplay = false

    init(
        _ name: String, event: [UInt8], manifest: Manifest, running: DataFolder.Running
    ) throws(CommandFailure) {
        guard let url = URLParts("http://\(running.reachableHost):\(running.awsPort)") else {
            throw CommandFailure(.internalError, "port \(running.awsPort) makes no address.")
        }
        self.name = name
        self.event = event
        self.manifest = manifest
        self.url = url
        signer = SigV4Signer(
            credentials: manifest.credentials, region: manifest.region, service: "lambda", style: .standard)
    }

    /// For one thread.
    static func client() -> HTTPClient { HTTPClient(options: .init(readTimeoutMilliseconds: 910_000)) }

    /// Waits for the answer; not on the loop.
    func call(_ client: HTTPClient, wantsLog: Bool) throws -> FunctionCaller.Answer {
        var request = HTTPRequest(
            method: "POST",
            target: "/2015-03-31/functions/\(name)/invocations" + (version.map { "?Qualifier=\($0)" } ?? ""),
            headers: ["Host": url.hostHeader, "Content-Type": "application/json"], body: .bytes(event))
        if wantsLog { request.headers.add("X-Amz-Log-Type", "Tail") }
        if isReplay { request.headers.add("X-Mumble-Replay", "1") }
        signer.sign(&request, payload: .bytes(event), at: SystemClock().now)
        let start = MonotonicClock.nanoseconds
        let response = try client.send(request, to: url)
        let milliseconds = Double(MonotonicClock.nanoseconds - start) / 1e6
        let body = response.body.bytes ?? []
        // Functions that were made by requests are in no manifest, so the emulator is asked first.
        if response.status == 404 { try FunctionCaller.check(name, in: manifest) }
        guard response.status == 200 else {
            throw CommandFailure(
                .unavailable, "The running emulator answered \(response.status): \(String(utf8: body))")
        }
        return FunctionCaller.Answer(
            payload: body, functionError: response.headers["X-Amz-Function-Error"],
            log: response.headers["X-Amz-Log-Result"].flatMap { Base64.decode($0) } ?? [],
            milliseconds: milliseconds)
    }
}

/// The calls of one thread, on one connection.
final class RemoteCalls {
    private let function: RemoteFunction
    private let client = RemoteFunction.client()

    init(_ function: RemoteFunction) { self.function = function }

    /// - Returns: nil, or why the call failed.
    func call() -> String? {
        do {
            let answer = try function.call(client, wantsLog: false)
            return answer.functionError == nil ? nil : String(utf8: Array(answer.payload.prefix(300)))
        } catch {
            return FailureTranslator.failure(for: error).message
        }
    }
}

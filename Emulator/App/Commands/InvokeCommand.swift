import Bytes
import Clock
import Digests
import HTTPClient
import HTTPTypes
import JSON
import Lambda
import Net
import Signing

/// `emulator invoke NAME`: runs one function on one event, with or without a running emulator.
enum InvokeCommand: Command {
    static let spec = CommandSpec(
        name: "invoke", summary: "Run one function on a JSON event.", arguments: "NAME", minimumArguments: 1,
        maximumArguments: 1,
        options: [
            CommonOptions.manifest, CommonOptions.data, CommonOptions.binaries,
            .init("event", "FILE|-", "The event; '-' reads standard input. Default: {}."), CommonOptions.json,
        ],
        details: """
            With a running emulator on the same data folder the call goes to it; otherwise the function gets an
            emulator of its own for the moment of the call. The answer goes to standard output, log and duration
            to standard error. The exit code is 0 only when the function succeeded.
            """,
        examples: [
            "emulator invoke health --event Tests/Functions/Health/Events/good.json",
            "echo '{}' | emulator invoke weather --event - --json",
        ])

    /// What a call gave, however it was made.
    struct Answer: Sendable {
        let payload: [UInt8]
        let functionError: String?
        let log: [UInt8]
        let milliseconds: Double
    }

    private static let largestEvent = 6 << 20

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        let name = arguments.positionals[0]
        let options = try arguments.emulatorOptions()
        guard options.manifest.function(name) != nil else {
            let names = options.manifest.functions.map(\.name)
            let hint = Spelling.closest(to: name, among: names).map { "Did you mean '\($0)'?" }
            throw CommandFailure(
                .missingInput,
                "The manifest has no function '\(name)'. \(hint ?? "It has: \(names.joined(separator: ", ")).")"
            )
        }
        let event = try readEvent(arguments.values["event"])
        let answer =
            if let running = options.data.running() {
                try await remote(name, event: event, manifest: options.manifest, port: running.awsPort)
            } else {
                try await local(name, event: event, options: options)
            }
        show(answer, json: arguments.wantsJSON)
        return answer.functionError == nil ? .success : .failure
    }

    private static func readEvent(_ source: String?) throws(CommandFailure) -> [UInt8] {
        guard let source else { return Array("{}".utf8) }
        let bytes: [UInt8]
        do {
            bytes = try Files.readFile(source == "-" ? "/dev/stdin" : source, limit: largestEvent)
        } catch {
            throw CommandFailure(.missingInput, "The event \(source) cannot be read (\(error)).")
        }
        do {
            _ = try JSONValue.parse(bytes)
        } catch {
            throw CommandFailure(
                .invalidData, "The event \(source) is not JSON: \(error.reason) (line \(error.line)).")
        }
        return bytes
    }

    private static func local(_ name: String, event: [UInt8], options: EmulatorOptions) async throws -> Answer
    {
        let emulator = try await Emulator.start(options)
        let start = MonotonicClock.nanoseconds
        let outcome = await emulator.lambda.invoke(name, payload: event, InvokeOptions(wantsLogTail: true))
        let milliseconds = Double(MonotonicClock.nanoseconds - start) / 1e6
        await emulator.stop()
        switch outcome {
        case .success(let result), .functionError(let result):
            return Answer(
                payload: result.payload, functionError: result.functionError, log: result.logTail,
                milliseconds: milliseconds)
        default:
            throw CommandFailure(.failure, "The function '\(name)' was not run: \(outcome).")
        }
    }

    /// Calls the running emulator's Invoke API, as the AWS CLI would.
    private static func remote(
        _ name: String, event: [UInt8], manifest: Manifest, port: Int
    ) async throws -> Answer {
        guard let url = URLParts("http://127.0.0.1:\(port)") else {
            throw CommandFailure(.internalError, "port \(port) makes no address.")
        }
        var request = HTTPRequest(
            method: "POST", target: "/2015-03-31/functions/\(name)/invocations",
            headers: ["Host": url.hostHeader, "X-Amz-Log-Type": "Tail", "Content-Type": "application/json"],
            body: .bytes(event))
        let signer = SigV4Signer(
            credentials: manifest.credentials, region: manifest.region, service: "lambda", style: .standard)
        signer.sign(&request, payload: .bytes(event), at: SystemClock().now)
        let start = MonotonicClock.nanoseconds
        let signed = request
        let response = try await runBlocking {
            try HTTPClient(options: .init(readTimeoutMilliseconds: 910_000)).send(signed, to: url)
        }
        let milliseconds = Double(MonotonicClock.nanoseconds - start) / 1e6
        let body = response.body.bytes ?? []
        guard response.status == 200 else {
            throw CommandFailure(
                .failure, "The running emulator answered \(response.status): \(String(utf8: body))")
        }
        return Answer(
            payload: body, functionError: response.headers["X-Amz-Function-Error"],
            log: response.headers["X-Amz-Log-Result"].flatMap { Base64.decode($0) } ?? [],
            milliseconds: milliseconds)
    }

    private static func show(_ answer: Answer, json: Bool) {
        let payload = try? JSONValue.parse(answer.payload)
        if json {
            let document: JSONValue = [
                "ok": .bool(answer.functionError == nil),
                "payload": payload ?? .string(String(utf8: answer.payload)),
                "functionError": answer.functionError.map { .string($0) } ?? .null,
                "durationMs": .number(.init(answer.milliseconds)),
                "log": .string(String(utf8: answer.log)),
            ]
            Terminal.out(document.encodedString())
            return
        }
        Terminal.rawNote(answer.log)
        Terminal.out(payload.map { $0.prettyPrinted() } ?? String(utf8: answer.payload))
        let verdict = answer.functionError.map { "failed (\($0))" } ?? "succeeded"
        Terminal.note("\(verdict) in \(answer.milliseconds.twoDecimals) ms")
    }
}

import Bytes
import JSON
import Net

/// `emulator invoke NAME`: runs one function on one event, with or without a running emulator.
enum InvokeCommand: Command {
    static let spec = CommandSpec(
        name: "invoke", summary: "Run one function on a JSON event.", arguments: "NAME", minimumArguments: 1,
        maximumArguments: 1,
        options: [
            CommonOptions.manifest, CommonOptions.data, CommonOptions.binaries,
            .init("event", "FILE|-", "The event; '-' reads standard input. Default: {}."),
            .init("repeat", "N", "Call so many times, and show how long the calls took."),
            .init("concurrency", "M", "So many calls at once, 1 to 1000. Default: 1."), CommonOptions.json,
        ],
        details: """
            With a running emulator on the same data folder the call goes to it; otherwise the function gets an
            emulator of its own for the moment of the call. The answer goes to standard output, log and duration
            to standard error. The exit code is 0 only when the function succeeded.

            With --repeat or --concurrency, the latencies of all calls are shown instead of answers: the first calls of
            an own emulator include starts of the function. Calls beyond the function's concurrency fail.
            """,
        examples: [
            "emulator invoke health --event Tests/Functions/Health/Events/shallow.json",
            "emulator event http get --set rawPath=/api/v1/health | emulator invoke health --event -",
            "emulator invoke health --event health.json --repeat 1000 --concurrency 8",
        ])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        let name = arguments.positionals[0]
        let options = try arguments.emulatorOptions()
        var event = Array("{}".utf8)
        if let source = arguments.values["event"] { event = try EventFile.read(source).bytes }
        let caller = FunctionCaller(options: options)
        let count = try arguments.integer("repeat", default: 1, in: 1...10_000_000)
        let concurrency = try arguments.integer("concurrency", default: 1, in: 1...1_000)
        if arguments.values["repeat"] != nil || arguments.values["concurrency"] != nil {
            let report = try await caller.repeated(name, event: event, count: count, concurrency: concurrency)
            {
                Terminal.note("\($0) of \(count) calls")
            }
            Terminal.out(arguments.wantsJSON ? report.json.encodedString() : report.text)
            return report.errorCount == 0 ? .success : .failure
        }
        let answer = try await caller.once(name, event: event)
        show(answer, json: arguments.wantsJSON)
        return answer.functionError == nil ? .success : .failure
    }

    private static func show(_ answer: FunctionCaller.Answer, json: Bool) {
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

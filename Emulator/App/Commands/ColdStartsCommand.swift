import JSON
import Lambda
import Net

/// `emulator cold-starts`: how long functions took to start, and making the next invocation a cold one.
enum ColdStartsCommand: Command {
    static let spec = CommandSpec(
        name: "cold-starts",
        summary: "Show how long functions take to start, or make the next call a cold one.",
        arguments: "[NAME]", minimumArguments: 0, maximumArguments: 1,
        options: [
            CommonOptions.data,
            .init("make-cold", "Give up warm environments: the next invocation starts a new one."),
            CommonOptions.json,
        ],
        details: """
            Times are measured from the start of a function's process to its first poll. 'AWS adds' is an estimate
            of what a cold start costs there beside that: 60 ms, 3 ms for each MiB of code and layers, and up to
            40 ms for functions of little memory. 'emulator start --cold-start-delay' waits that long.
            """,
        examples: [
            "emulator cold-starts", "emulator cold-starts health --json",
            "emulator cold-starts health --make-cold && emulator invoke health",
        ])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        guard let running = arguments.dataFolder.running() else {
            throw CommandFailure(
                .unavailable,
                "No emulator runs on \(arguments.dataFolder.path). Start one, or name its folder with --data DIR."
            )
        }
        let name = arguments.positionals.first
        if arguments.flags.contains("make-cold") {
            let answer = try await ControlAPI.send(.makeCold(function: name), to: running)
            let count = answer["environments"]?.int ?? 0
            Terminal.out(
                arguments.wantsJSON
                    ? answer.encodedString()
                    : "The next invocation of \(name ?? "each function") is cold (\(count) environments given up)."
            )
            return .success
        }
        let answer = try await ControlAPI.send(.coldStarts(function: name), to: running)
        if arguments.wantsJSON { Terminal.out(answer.encodedString()) } else { show(answer) }
        return .success
    }

    private static func show(_ answer: JSONValue) {
        let functions = answer["functions"]?.array ?? []
        guard !functions.isEmpty else { return Terminal.out("There are no functions.") }
        func milliseconds(_ value: JSONValue?) -> String {
            value?.double.map { "\($0.twoDecimals) ms" } ?? "-"
        }
        let head = [
            "function", "inits", "failed", "last", "median", "p90", "longest", "code", "AWS adds", "warm",
        ]
        let rows = functions.map { function in
            let version = function["version"]?.string ?? ""
            let name = function["function"]?.string ?? ""
            return [
                version == "$LATEST" ? name : "\(name):\(version)",
                "\(function["inits"]?.int ?? 0)", "\(function["failures"]?.int ?? 0)",
                milliseconds(function["lastMs"]), milliseconds(function["medianMs"]),
                milliseconds(function["p90Ms"]), milliseconds(function["longestMs"]),
                "\((Double(function["codeBytes"]?.int ?? 0) / 1_048_576).twoDecimals) MiB",
                "\(function["modelledDelayMs"]?.int ?? 0) ms", "\(function["environments"]?.int ?? 0)",
            ]
        }
        Terminal.out(Terminal.table([head] + rows))
    }
}

extension ColdStartReport {
    var json: JSONValue {
        func milliseconds(_ value: Double?) -> JSONValue {
            value.map { .number(.init(($0 * 100).rounded() / 100)) } ?? .null
        }
        return [
            "function": .string(function), "version": .string(version), "inits": .number(.init(inits)),
            "failures": .number(.init(failures)), "lastMs": milliseconds(last),
            "medianMs": milliseconds(median), "p90Ms": milliseconds(p90), "longestMs": milliseconds(longest),
            "codeBytes": .number(.init(codeBytes)), "memoryMB": .number(.init(memoryMB)),
            "modelledDelayMs": .number(.init(modelledDelayMs)), "isDelayed": .bool(isDelayed),
            "environments": .number(.init(environments)),
        ]
    }
}

extension Emulator {
    /// What `emulator cold-starts` asks for.
    func coldStarts(_ function: String?) throws(CommandFailure) -> JSONValue {
        let reports = lambda.coldStartReports().filter { function == nil || $0.function == function }
        if let function, reports.isEmpty { throw Self.noFunction(function) }
        return ["functions": .array(reports.map(\.json))]
    }

    func makeCold(_ function: String?) throws(CommandFailure) -> JSONValue {
        guard let count = lambda.makeCold(function) else { throw Self.noFunction(function ?? "") }
        return ["environments": .number(.init(count))]
    }

    private static func noFunction(_ name: String) -> CommandFailure {
        CommandFailure(.missingInput, "There is no function '\(name)' that has been used.")
    }
}

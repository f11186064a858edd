import JSON
import Net

/// `emulator canary`: shifts traffic between a legacy server and the functions, and shows how each side does.
enum CanaryCommand: Command {
    static let spec = CommandSpec(
        name: "canary", summary: "Shift traffic of a REST API between a legacy server and the functions.",
        arguments: "[TARGET PERCENT | report [TARGET] | rehearse TARGET on|off]", minimumArguments: 0,
        maximumArguments: 3, options: [CommonOptions.data, CommonOptions.json],
        details: """
            TARGET is a stage, or the key of a route that has a canary of its own. PERCENT of its requests are answered
            by the functions from now on, the others by the legacy server; 0 is the way back. No request is lost
            by a change. The weight stays over restarts, until the manifest says another one.

            In a rehearsal the side that does not answer gets a copy of each request, writes included. The answers
            are compared and never returned. 'report' ends with 1 unless its verdict is 'same'.
            """,
        examples: [
            "emulator canary", "emulator canary prod 10", "emulator canary 'GET /pets/{id}' 100",
            "emulator canary rehearse prod on", "emulator canary report prod --json",
        ])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        let words = arguments.positionals
        switch words.first {
        case nil:
            let result = try await ask(.canary(target: nil, percent: nil, rehearsing: nil), arguments)
            show(result, arguments)
            return .success
        case "report": return try await report(words.count > 1 ? words[1] : nil, arguments)
        case "rehearse":
            guard words.count == 3, words[2] == "on" || words[2] == "off" else {
                throw CommandFailure(.usage, "Write 'emulator canary rehearse TARGET on' or '... off'.")
            }
            let action = ControlAction.canary(
                target: words[1], percent: nil, rehearsing: words[2] == "on")
            show(try await ask(action, arguments), arguments)
            return .success
        case let target?:
            guard words.count == 2, let percent = Double(words[1]), (0...100).contains(percent) else {
                throw CommandFailure(
                    .usage, "Write 'emulator canary TARGET PERCENT' with a number from 0 to 100.")
            }
            let action = ControlAction.canary(target: target, percent: percent, rehearsing: nil)
            show(try await ask(action, arguments), arguments)
            return .success
        }
    }

    @EventLoop
    private static func ask(
        _ action: ControlAction, _ arguments: ParsedArguments
    ) async throws -> JSONValue {
        guard let running = arguments.dataFolder.running() else {
            throw CommandFailure(
                .unavailable, "No emulator runs on \(arguments.dataFolder.path). Start one: this is its work."
            )
        }
        return try await ControlAPI.send(action, to: running)
    }

    @EventLoop
    private static func report(_ target: String?, _ arguments: ParsedArguments) async throws -> ExitCode {
        let result = try await ask(.canary(target: target, percent: nil, rehearsing: nil), arguments)
        let canaries = result.array ?? []
        if arguments.wantsJSON {
            Terminal.out(result.encodedString())
        } else {
            for canary in canaries { Terminal.out(text(canary)) }
        }
        return canaries.allSatisfy { $0["report"]?["verdict"] == "same" } ? .success : .failure
    }

    private static func text(_ canary: JSONValue) -> String {
        let report = canary["report"] ?? [:]
        func count(_ name: String) -> Int { report[name]?.int ?? 0 }
        var lines = [
            "\(canary["target"]?.string ?? ""): \(report["verdict"]?.string ?? ""), \(count("compared")) compared, "
                + "\(count("different")) different, \(count("shadowFailures")) without an answer of the shadow, "
                + "\(count("skipped")) not copied"
        ]
        for sample in report["samples"]?.array ?? [] {
            lines.append("  \(sample["request"]?.string ?? "")")
            for difference in sample["differences"]?.array ?? [] {
                lines.append("    \(difference.string ?? "")")
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func show(_ result: JSONValue, _ arguments: ParsedArguments) {
        guard !arguments.wantsJSON else { return Terminal.out(result.encodedString()) }
        var rows = [
            ["TARGET", "FUNCTIONS", "REHEARSAL", "SIDE", "REQUESTS", "ERRORS", "ERROR RATE", "AVERAGE MS"]
        ]
        for canary in result.array ?? [] {
            let isRehearsing = canary["rehearsal"]?.bool == true
            for side in ["functions", "legacy"] {
                let counts = canary[side] ?? [:]
                rows.append([
                    canary["target"]?.string ?? "", "\(canary["percentTraffic"]?.encodedString() ?? "") %",
                    isRehearsing ? "on" : "off", side, counts["requests"]?.encodedString() ?? "",
                    counts["errors"]?.encodedString() ?? "", counts["errorRate"]?.encodedString() ?? "",
                    counts["averageMilliseconds"]?.encodedString() ?? "",
                ])
            }
        }
        Terminal.out(Terminal.table(rows))
    }
}

import JSON
import Net

/// `emulator backends`: how the HTTP backends of a running emulator do.
enum BackendsCommand: Command {
    static let spec = CommandSpec(
        name: "backends", summary: "Show circuit, health and counts of each HTTP backend.", arguments: "",
        minimumArguments: 0, maximumArguments: 0, options: [CommonOptions.data, CommonOptions.json],
        details: """
            A backend is listed once it is in the manifest or has been asked. Counts are since the emulator started;
            changes of state are in its log as well.
            """,
        examples: ["emulator backends", "emulator backends --json"])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        guard let running = arguments.dataFolder.running() else {
            throw CommandFailure(
                .unavailable, "No emulator runs on \(arguments.dataFolder.path). Start one: this is its work."
            )
        }
        let result = try await ControlAPI.send(.backends, to: running)
        guard !arguments.wantsJSON else {
            Terminal.out(result.encodedString())
            return .success
        }
        var rows = [["BACKEND", "CIRCUIT", "HEALTHY", "REQUESTS", "5XX", "FAILED", "REFUSED", "RETRIES"]]
        for backend in result.array ?? [] { rows.append(row(backend)) }
        Terminal.out(Terminal.table(rows))
        return .success
    }

    private static func row(_ backend: JSONValue) -> [String] {
        func count(_ name: String) -> Int { backend[name]?.int ?? 0 }
        let healthy = backend["healthy"]?.bool.map { $0 ? "yes" : "no" }
        return [
            backend["url"]?.string ?? "", backend["circuit"]?.string ?? "-", healthy ?? "-",
            "\(count("requests"))", "\(backend["answers"]?["5xx"]?.int ?? 0)",
            "\(count("unreachable") + count("timeouts") + count("broken"))", "\(count("refused"))",
            "\(count("retries"))",
        ]
    }
}

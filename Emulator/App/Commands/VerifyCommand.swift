import JSON
import Lambda
import Net
import Objects
import Store
import Tables

/// `emulator verify`: checks that the data folder is whole.
enum VerifyCommand: Command {
    static let spec = CommandSpec(
        name: "verify", summary: "Check every record and file of the data folder.", arguments: "",
        minimumArguments: 0, maximumArguments: 0, options: [CommonOptions.data, CommonOptions.json],
        details: """
            Reads everything with its checksums, compares files with their entries, and applies the rules of each
            service: index entries follow from items and items have theirs, bodies match their digests, and so on.
            Exits with 1 when anything is wrong and names it. The emulator must not be running; what a crash left
            behind is put in order first, as at every start, and nothing else is changed.
            """,
        examples: ["emulator verify", "emulator verify --json --data /var/tmp/mumble"])

    /// The rules of every service.
    static let checks: [StoreCheck] =
        TablesService.checks + ObjectsService.checks + LambdaService.checks + LambdaState.checks

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        let data = arguments.dataFolder
        guard Files.isDirectory(data.store) else {
            throw CommandFailure(
                .missingInput, "\(data.path) holds no data. Name the folder with --data DIR.")
        }
        let store = try Store.open(at: data.store)
        defer { store.close() }
        let progress = VerifyProgressNotes()
        let report = try store.verify(checks: checks) { progress.note($0) }
        if arguments.wantsJSON {
            Terminal.out(json(report).encodedString())
        } else if report.isSound {
            let entries = report.entries.values.reduce(0, +)
            Terminal.out("The data folder is whole: \(report.checks.count) checks, \(entries) entries.")
        } else {
            Terminal.out((["Damage found:"] + report.problems).joined(separator: "\n  "))
        }
        return report.isSound ? .success : .failure
    }

    private static func json(_ report: VerifyReport) -> JSONValue {
        let checks = report.checks.map { check -> JSONValue in
            [
                "name": .string(check.name), "entries": .number(.init(check.entries)),
                "faults": .number(.init(check.faultCount)),
            ]
        }
        return [
            "ok": .bool(report.isSound), "problems": .array(report.problems.map { .string($0) }),
            "checks": .array(checks),
        ]
    }
}

/// Says how far the checks have come, once a second, when they take longer than people like to wait in silence.
private final class VerifyProgressNotes {
    private static let patience = Duration.seconds(2)
    private let start = ContinuousClock.now
    private var last = ContinuousClock.now

    func note(_ progress: VerifyProgress) {
        let now = ContinuousClock.now
        guard now - start > Self.patience, now - last > .seconds(1) else { return }
        last = now
        Terminal.note("checking \(progress.check): \(progress.entries) entries")
    }
}

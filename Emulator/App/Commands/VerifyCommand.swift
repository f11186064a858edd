import JSON
import Net
import Store

/// `emulator verify`: checks that the data folder is whole.
enum VerifyCommand: Command {
    static let spec = CommandSpec(
        name: "verify", summary: "Check every record and file of the data folder.", arguments: "",
        minimumArguments: 0, maximumArguments: 0, options: [CommonOptions.data, CommonOptions.json],
        details: "The emulator must not be running. Nothing is changed.", examples: ["emulator verify"])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        let data = arguments.dataFolder
        guard Files.isDirectory(data.store) else {
            throw CommandFailure(
                .missingInput, "\(data.path) holds no data. Name the folder with --data DIR.")
        }
        let store = try Store.open(at: data.store)
        defer { store.close() }
        let report = try store.verify { step in
            if !arguments.wantsJSON { Terminal.note("checking \(step)") }
        }
        if arguments.wantsJSON {
            let problems = report.problems.map { JSONValue.string($0) }
            Terminal.out(
                JSONValue.object(["ok": .bool(report.problems.isEmpty), "problems": .array(problems)])
                    .encodedString())
        } else if report.problems.isEmpty {
            Terminal.out("The data folder is whole.")
        } else {
            Terminal.out((["Damage found:"] + report.problems).joined(separator: "\n  "))
        }
        return report.problems.isEmpty ? .success : .failure
    }
}

import Glibc
import JSON
import Net
import Packaging

/// `emulator package [NAME...]`: builds release binaries and writes one zip per function.
enum PackageCommand: Command {
    static let spec = CommandSpec(
        name: "package", summary: "Write one zip per function for Lambda's provided.al2023.",
        arguments: "[NAME...]", minimumArguments: 0, maximumArguments: 100,
        options: [
            CommonOptions.manifest, .init("output", "DIR", "Where the zips go. Default: .build/lambda."),
            .init("skip-build", "Package the release binaries that are there."),
            .init("skip-start", "Do not start the functions to measure how long that takes."),
            .init("keep-unwind-tables", "Keep what C++ code needs that throws exceptions and catches them."),
            CommonOptions.json,
        ],
        details: """
            Each zip holds one static, stripped file 'bootstrap': no Docker, no library, no layer. The same
            sources give the same bytes. The table tells the sizes (in MB of a million bytes), the libraries and
            the oldest glibc that a function needs, and the median time from its start to its first poll.
            """,
        examples: ["emulator package", "emulator package health counter --json"])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        let manifest = try arguments.manifest()
        let functions = try select(arguments.positionals, from: manifest)
        let output = arguments.values["output"] ?? manifest.directory + "/.build/lambda"
        let host = ProcessFacts.environment()
        let build = PackageBuild(folder: manifest.directory, environment: host)
        for signal in [SIGINT, SIGTERM] {
            // Zips have no name before they are whole: nothing is left that has to be removed.
            onSignal(signal) { if build.isRunning { build.interrupt() } else { exit(128 + signal) } }
        }
        if !arguments.flags.contains("skip-build") {
            // Programs with a path come from elsewhere.
            try await build.build(functions.filter { !$0.executable.contains("/") })
        }
        do {
            try Files.makeDirectories(output)
        } catch {
            throw CommandFailure(
                .cannotCreate, "\(output) cannot be made (\(error)); name another one with --output.")
        }
        let job = PackageJob(
            manifest: manifest, output: output, host: host,
            unwinding: arguments.flags.contains("keep-unwind-tables") ? .kept : .dropped,
            measures: !arguments.flags.contains("skip-start"))
        show(try await job.run(functions), json: arguments.wantsJSON)
        return .success
    }

    private static func select(_ names: [String], from manifest: Manifest) throws(CommandFailure)
        -> [Manifest.Function]
    {
        if names.isEmpty { return manifest.functions }
        var chosen: [Manifest.Function] = []
        for name in names {
            guard let function = manifest.function(name) else {
                let known = manifest.functions.map(\.name)
                let hint = Spelling.closest(to: name, among: known).map { " Did you mean '\($0)'?" } ?? ""
                throw CommandFailure(.missingInput, "The manifest has no function '\(name)'.\(hint)")
            }
            if !chosen.contains(where: { $0.name == name }) { chosen.append(function) }
        }
        return chosen
    }

    private static func show(_ reports: [PackageReport], json: Bool) {
        if json {
            Terminal.out(JSONValue.array(reports.map(\.json)).encodedString())
        } else {
            Terminal.out(Terminal.table([PackageReport.head] + reports.map(\.row)))
        }
        for warning in reports.flatMap(\.warnings) { Terminal.note("warning: \(warning)") }
    }
}

import Net

/// One command of the emulator.
protocol Command: Sendable {
    static var spec: CommandSpec { get }
    @EventLoop static func run(_ arguments: ParsedArguments) async throws -> ExitCode
}

/// All commands, in the order of the overview.
enum CommandTable {
    static let version = "0.1.0"
    static let commands: [any Command.Type] = [
        StartCommand.self, InvokeCommand.self, EventCommand.self, ReplayCommand.self, NewCommand.self,
        RoutesCommand.self, ExportCommand.self, ImportCommand.self, LogsCommand.self, PackageCommand.self,
        DeployCommand.self, DiffCommand.self, DoctorCommand.self,
        VerifyCommand.self, SnapshotCommand.self, ResetCommand.self, LifecycleCommand.self,
        ColdStartsCommand.self, BackendsCommand.self, CanaryCommand.self,
    ]

    static var help: String {
        let rows = commands.map { ["  \($0.spec.name)", $0.spec.summary] }
        return """
            A local AWS for Swift functions: API Gateway, Lambda, DynamoDB and S3 in one process, on disk.

            USAGE
              emulator COMMAND [options]

            COMMANDS
            \(Terminal.table(rows))

            'emulator COMMAND --help' explains a command. Exit codes: 0 success, 1 the function failed, answers
            differ or damage was found, 64 wrong usage, 65 wrong manifest or event, 66 missing file, 69 port in
            use or peer away, 73 data folder not writable, 74 input/output error, 75 data folder in use.
            """
    }

    @EventLoop
    static func run(_ arguments: [String]) async -> ExitCode {
        guard let name = arguments.first, name != "help", name != "--help", name != "-h" else {
            Terminal.out(help)
            return arguments.isEmpty ? .usage : .success
        }
        if name == "--version" || name == "version" {
            Terminal.out("emulator \(version)")
            return .success
        }
        guard let command = commands.first(where: { $0.spec.name == name }) else {
            let hint =
                Spelling.closest(to: name, among: commands.map { $0.spec.name })
                .map { " Did you mean '\($0)'?" } ?? ""
            Terminal.note("emulator: there is no command '\(name)'.\(hint) See 'emulator --help'.")
            return .usage
        }
        do {
            let parsed = try ParsedArguments.parse(Array(arguments.dropFirst()), for: command.spec)
            if parsed.wantsHelp {
                Terminal.out(command.spec.help)
                return .success
            }
            return try await command.run(parsed)
        } catch {
            let failure = FailureTranslator.failure(for: error)
            Terminal.note("emulator: \(failure.message)")
            return failure.code
        }
    }
}

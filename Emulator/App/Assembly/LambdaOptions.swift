import Lambda
import Net

/// What a user may choose of how functions run.
struct LambdaOptions: Sendable {
    var isolation = Isolation.Choice.full
    /// Folders of this machine that functions see, too.
    var sharedFolders: [String] = []
    /// Invocations of all functions at once.
    var accountConcurrency = 1_000
    /// Seconds after which an environment without work is ended.
    var idleSeconds = 600
    var delaysColdStarts = false
    var sharesCPU = false
    var freezes = true
    /// Milliseconds for which new functions are pending, and updates in progress.
    var activationMs = 0

    static let options: [CommandSpec.Option] = [
        .init(
            "isolation", "full|none",
            "Functions see files of their own, as on AWS, or this machine's. Default: full."),
        .init(
            "share", "FOLDER[:FOLDER]", "Folders that functions see as well, such as that of an interpreter."),
        .init("account-concurrency", "N", "Invocations of all functions at once. Default: 1000."),
        .init(
            "idle-environments", "SECONDS", "End environments that had no work for so long. Default: 600."),
        .init("cold-start-delay", "Start environments as late as on AWS, by the size of their code."),
        .init("no-freeze", "Let functions go on between invocations. On AWS they are frozen."),
        .init(
            "activation-delay", "MS",
            "Leave new functions Pending, and updates InProgress, for so long. Default: 0."),
        .init("cpu-share", "Give functions processor time by their memory: one processor for 1769 MB."),
    ]

    func apply(to configuration: inout LambdaConfiguration) {
        configuration.isolation = isolation
        configuration.sharedFolders = sharedFolders
        configuration.maxEnvironments = accountConcurrency
        configuration.idleTimeoutMs = idleSeconds * 1_000
        configuration.delaysColdStarts = delaysColdStarts
        configuration.sharesCPU = sharesCPU
        configuration.freezes = freezes
        configuration.activationMs = activationMs
    }
}

extension ParsedArguments {
    /// - Parameter environment: the emulator's own; `MUMBLE_ISOLATION` counts where `--isolation` is not given.
    func lambdaOptions(_ environment: [String: String]) throws(CommandFailure) -> LambdaOptions {
        var options = LambdaOptions()
        if let text = values["isolation"] ?? environment["MUMBLE_ISOLATION"] {
            guard let choice = Isolation.Choice(rawValue: text) else {
                throw CommandFailure(.usage, "--isolation has to be full or none, not '\(text)'.")
            }
            options.isolation = choice
        }
        options.sharedFolders = try sharedFolders()
        options.accountConcurrency = try integer(
            "account-concurrency", default: options.accountConcurrency, in: 1...10_000)
        options.idleSeconds = try integer(
            "idle-environments", default: options.idleSeconds, in: 1...86_400)
        options.delaysColdStarts = flags.contains("cold-start-delay")
        options.sharesCPU = flags.contains("cpu-share")
        options.activationMs = try integer(
            "activation-delay", default: options.activationMs, in: 0...600_000)
        options.freezes = !flags.contains("no-freeze")
        return options
    }

    private func sharedFolders() throws(CommandFailure) -> [String] {
        let folders = (values["share"] ?? "").split(separator: ":").map(String.init)
        if let missing = folders.first(where: { !Files.isDirectory($0) }) {
            throw CommandFailure(.usage, "--share names \(missing), which is not a folder.")
        }
        return folders
    }
}

import Glibc
import JSON
import Net
import Store

/// `emulator start`: runs the service of the manifest until interrupted.
enum StartCommand: Command {
    static let spec = CommandSpec(
        name: "start", summary: "Run the gateway and the AWS services of a manifest.", arguments: "",
        minimumArguments: 0, maximumArguments: 0,
        options: [
            CommonOptions.manifest, CommonOptions.data, CommonOptions.binaries,
            .init("port", "N", "Port of the gateway, 0 for any free one. Default: 3000."),
            .init("aws-port", "N", "Port of all AWS services, 0 for any free one. Default: 4566."),
            .init("host", "ADDRESS", "Address to listen on. Default: 127.0.0.1, this machine only."),
            .init("accept-any-credentials", "Accept every access key instead of the manifest's pair."),
            .init(
                "idle-timeout", "SECONDS",
                "Close connections that stall or rest for so long. Default: 60."),
            .init(
                "body-timeout", "SECONDS",
                "Give up bodies that take longer than this and a second for each 500 bytes. Default: 60."),
            .init(
                "async-retry-delays", "MS,MS",
                "Milliseconds before the retries of asynchronous events. Default: 60000,120000."),
            .init(
                "fault", "POINT[:N]",
                "End the process at the N-th passing of a fault point (durability tests)."),
            .init("watch", "Build functions whose sources change, and go on with the new programs."),
            .init(
                "deployed",
                "Run what 'emulator deploy --endpoint-url' uploads, instead of the manifest's programs."),
            .init(
                "record", "Keep 1,000 invocations for 'emulator replay', and actions for 'emulator doctor'."),
        ] + LambdaOptions.options + [CommonOptions.json],
        details: """
            Tables and buckets of the manifest are made when they are missing. All state is on disk under the
            data folder: an acknowledged write survives a crash and a power cut. Stop it with Control-C.

            With --watch only the function that was edited is built again. Calls under way end on the old program, no
            request is lost. While it does not build, its routes answer with the compiler's errors. Programs that are
            not there yet are built first.
            """,
        examples: [
            "emulator start", "emulator start --watch", "emulator start --port 8080 --data /var/tmp/mumble",
            "curl http://127.0.0.1:3000/api/v1/health",
            "aws --endpoint-url http://127.0.0.1:4566 dynamodb scan --table-name mumble",
        ])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        var options = try arguments.emulatorOptions()
        options.host = arguments.values["host"] ?? "127.0.0.1"
        options.gatewayPort = try arguments.integer("port", default: 3_000, in: 0...65_535)
        options.awsPort = try arguments.integer("aws-port", default: 4_566, in: 0...65_535)
        options.idleTimeout = try arguments.integer("idle-timeout", default: 60, in: 1...86_400)
        options.bodyTimeout = try arguments.integer("body-timeout", default: 60, in: 1...86_400)
        if let delays = arguments.values["async-retry-delays"] {
            options.asyncRetryDelaysMs = try retryDelays(delays)
        }
        if let fault = arguments.values["fault"] { options.faults = try injector(fault) }
        options.runsDeployed = arguments.flags.contains("deployed")
        let watches = arguments.flags.contains("watch")
        options.tracesActions = watches || arguments.flags.contains("record")
        guard !watches || !options.runsDeployed else {
            throw CommandFailure(
                .usage, "--watch builds programs, and --deployed runs uploaded ones: choose one.")
        }
        let files = allowManyFiles()
        options.openFiles = files
        if files < 4 * EmulatorOptions.sparedFiles {
            let connections = files - min(files / 2, EmulatorOptions.sparedFiles)
            Terminal.note(
                "This process may open \(files) files: beyond \(connections) connections clients get 503. "
                    + "Start it with a higher hard limit (ulimit -Hn) to serve more.")
        }
        // From here on: compilers must not outlive this process.
        let stopped = StopSignal()
        for signal in [SIGINT, SIGTERM] { onSignal(signal) { stopped.raise() } }
        if watches {
            options.broken = BrokenBuilds(routes: options.manifest.routes, cors: options.manifest.cors)
            let tool = SwiftTool(environment: options.hostEnvironment)
            stopped.onRaise = { tool.interrupt() }
            try await MissingPrograms.build(options, with: tool)
            stopped.onRaise = {}
            guard !stopped.isRaised else {
                Terminal.note("Stopping.")
                return .success
            }
        }
        let emulator = try await Emulator.start(options)
        if options.tracesActions {
            Recorder(folder: options.data.recordings).observe(emulator.lambda, clock: emulator.clock)
        }
        var loop: DevelopmentLoop?
        if let broken = options.broken { loop = try await DevelopmentLoop.start(emulator, broken: broken) }
        try options.data.announce(
            .init(
                pid: getpid(), gatewayPort: emulator.gatewayPort, awsPort: emulator.awsPort,
                token: emulator.token, host: options.host))
        let ready = ProcessFacts.ageMilliseconds
        announce(emulator, options: options, readyMilliseconds: ready, json: arguments.wantsJSON)
        await stopped.wait()
        Terminal.note("Stopping.")
        await loop?.stop()
        await emulator.stop()
        return .success
    }

    private static func retryDelays(_ text: String) throws(CommandFailure) -> [Int] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        let delays = parts.compactMap(\.self).filter { (0...86_400_000).contains($0) }
        guard delays.count == parts.count, (1...2).contains(delays.count) else {
            throw CommandFailure(
                .usage, "--async-retry-delays takes one or two numbers of milliseconds, not '\(text)'.")
        }
        return delays
    }

    private static func injector(_ text: String) throws(CommandFailure) -> FaultInjector {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard let name = parts.first, let point = FaultPoint(rawValue: String(name)) else {
            let known = FaultPoint.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure(.usage, "there is no fault point '\(text)'. Known: \(known).")
        }
        guard let occurrence = parts.count == 2 ? Int(parts[1]) : 1, occurrence > 0 else {
            throw CommandFailure(.usage, "--fault needs a positive number behind the colon, not '\(text)'.")
        }
        return .kill(at: point, occurrence: occurrence)
    }

    @EventLoop
    private static func announce(
        _ emulator: Emulator, options: EmulatorOptions, readyMilliseconds: Int, json: Bool
    ) {
        let gateway = "http://\(options.host):\(emulator.gatewayPort)"
        let aws = "http://\(options.host):\(emulator.awsPort)"
        let sites = options.manifest.buckets.filter { $0.website != nil }
            .map { "http://\($0.name).s3-website.localhost:\(emulator.awsPort)/" }
        if json {
            let document: JSONValue = [
                "gateway": .string(gateway), "aws": .string(aws), "pid": .number(.init(Int(getpid()))),
                "isolation": .array(emulator.lambda.isolation.notes.map { .string($0) }),
                "readyMs": .number(.init(readyMilliseconds)), "data": .string(options.data.path),
                "sites": .array(sites.map { .string($0) }),
            ]
            Terminal.out(document.encodedString())
            return
        }
        let keys = options.manifest.credentials
        // As it was called, so that the lines can be pasted.
        let program = CommandLine.arguments.first ?? "emulator"
        let dataOption = options.data.path == DataFolder.usual ? "" : " --data \(options.data.path)"
        let offline =
            emulator.offlineProviders.isEmpty
            ? ""
            : "\nOffline stand-ins answer for: \(emulator.offlineProviders.joined(separator: ", ")) (not set)."
        let notes = emulator.lambda.isolation.notes.map { "\nNot isolated: \($0)" }.joined()
        Terminal.out(
            """
            \(options.manifest.service) is ready after \(readyMilliseconds) ms.
              gateway  \(gateway)  (\(options.manifest.routes.count) routes, \(options.manifest.functions.count) functions)
              AWS      \(aws)  (key \(keys.accessKeyID), region \(options.manifest.region))
              data     \(options.data.path)\(sites.map { "\n  site     \($0)" }.joined())\(offline)\(notes)

            Try:
              curl \(gateway)/api/v1/health
              \(program) routes
              \(program) logs health --follow\(dataOption)
            """)
    }
}

/// Lets the command wait for Control-C.
@EventLoop
private final class StopSignal {
    private(set) var isRaised = false
    /// What else is to happen at once.
    var onRaise: @EventLoop () -> Void = {}
    private var waiting: CheckedContinuation<Void, Never>?

    func raise() {
        isRaised = true
        onRaise()
        waiting?.resume()
        waiting = nil
    }

    func wait() async {
        if isRaised { return }
        await withCheckedContinuation { waiting = $0 }
    }
}

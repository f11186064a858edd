import Net

/// Options that several commands share.
enum CommonOptions {
    static let manifest = CommandSpec.Option(
        "manifest", "FILE", "The service to run. Default: serverless-manifest.json here.")
    static let data = CommandSpec.Option(
        "data", "DIR", "The folder that keeps all state. Default: .mumble here.")
    static let binaries = CommandSpec.Option(
        "bin", "DIR", "Where the function binaries are. Default: beside the emulator, then .build.")
    static let json = CommandSpec.Option("json", "Print one JSON document for programs to read.")
}

extension CommandSpec.Option {
    /// A flag.
    init(_ name: String, _ help: String) { self.init(name, nil, help) }
}

extension ParsedArguments {
    var dataFolder: DataFolder { DataFolder(path: values["data"] ?? DataFolder.usual) }
    var wantsJSON: Bool { flags.contains("json") }

    func manifest() throws(CommandFailure) -> Manifest {
        try ManifestReader.read(values["manifest"] ?? "serverless-manifest.json")
    }

    func emulatorOptions() throws(CommandFailure) -> EmulatorOptions {
        let manifest = try manifest()
        let environment = ProcessFacts.environment()
        return EmulatorOptions(
            manifest: manifest, data: dataFolder,
            binaries: BinaryFinder(manifestDirectory: manifest.directory, override: values["bin"]),
            acceptAnyCredentials: flags.contains("accept-any-credentials"),
            hostEnvironment: environment, lambda: try lambdaOptions(environment))
    }
}

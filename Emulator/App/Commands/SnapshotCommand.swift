import Clock
import JSON
import Net
import Store

/// `emulator snapshot save|load|delete NAME`, `emulator snapshot list`: keeps whole states by name.
enum SnapshotCommand: Command {
    static let spec = CommandSpec(
        name: "snapshot", summary: "Save, load, list or delete the whole state by name.",
        arguments: "save|load|delete|list [NAME]", minimumArguments: 1, maximumArguments: 2,
        options: [
            CommonOptions.data, .init("replace", "Let 'save' replace a snapshot of the same name."),
            CommonOptions.json,
        ],
        details: """
            A snapshot holds all tables, streams, backups, buckets and objects as of one instant. With a running
            emulator it is taken while traffic goes on; loading lets requests wait for the moment of the
            exchange, and changes everything or nothing. Snapshots share unchanged files with the live state.
            """,
        examples: [
            "emulator snapshot save before-migration", "emulator snapshot load before-migration",
            "emulator snapshot list --json",
        ])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        let verb = arguments.positionals[0]
        let snapshots = Snapshots(data: arguments.dataFolder)
        if verb == "list", arguments.positionals.count == 1 {
            show(snapshots.list(), json: arguments.wantsJSON)
            return .success
        }
        guard ["save", "load", "delete"].contains(verb), arguments.positionals.count == 2 else {
            throw CommandFailure(
                .usage, "Write 'emulator snapshot save|load|delete NAME' or 'emulator snapshot list'.")
        }
        let name = arguments.positionals[1]
        try Snapshots.check(name)
        switch verb {
        case "save":
            try await StateCommand.run(
                .save(name: name, replacing: arguments.flags.contains("replace")), arguments)
        case "load": try await StateCommand.run(.load(name: name), arguments)
        default: try await arguments.dataFolder.withStateLock { try snapshots.delete(name) }
        }
        let done = ["save": "Saved", "load": "Loaded", "delete": "Deleted"][verb] ?? ""
        StateCommand.report("\(done) snapshot '\(name)'.", ["ok": true, "name": .string(name)], arguments)
        return .success
    }

    private static func show(_ entries: [Snapshots.Entry], json: Bool) {
        if json {
            let list = entries.map { entry -> JSONValue in
                [
                    "name": .string(entry.name), "saved": .string(entry.saved),
                    "bytes": .number(.init(entry.bytes)),
                ]
            }
            Terminal.out(JSONValue.array(list).encodedString())
        } else if entries.isEmpty {
            Terminal.note("There is no snapshot yet. Make one with 'emulator snapshot save NAME'.")
        } else {
            let rows = entries.map { [$0.name, $0.saved, "\(($0.bytes + 1023) / 1024) KiB"] }
            Terminal.out(Terminal.table([["NAME", "SAVED", "SIZE"]] + rows))
        }
    }
}

/// `emulator reset`: starts again from nothing.
enum ResetCommand: Command {
    static let spec = CommandSpec(
        name: "reset", summary: "Remove all state and start again from the manifest.", arguments: "",
        minimumArguments: 0, maximumArguments: 0, options: [CommonOptions.data, CommonOptions.json],
        details: """
            Tables, streams, backups, buckets and objects go; snapshots stay. A running emulator makes the
            manifest's tables and buckets again at once, and its ports stay open.
            """,
        examples: ["emulator snapshot save just-in-case && emulator reset"])

    static func run(_ arguments: ParsedArguments) async throws -> ExitCode {
        try await StateCommand.run(.reset, arguments)
        StateCommand.report("All state is gone.", ["ok": true], arguments)
        return .success
    }
}

/// What commands that change the state have in common: a running emulator does it itself.
enum StateCommand {
    @EventLoop static func run(_ action: ControlAction, _ arguments: ParsedArguments) async throws {
        let data = arguments.dataFolder
        if let running = data.running() {
            try await ControlAPI.send(action, to: running)
            return
        }
        guard Files.isDirectory(data.store) else {
            throw CommandFailure(
                .missingInput, "\(data.path) holds no data. Name the folder with --data DIR.")
        }
        try await data.withStateLock { try await runBlocking { try performAlone(action, data) } }
    }

    /// Without a running emulator. The store's lock keeps one from starting meanwhile.
    private static func performAlone(_ action: ControlAction, _ data: DataFolder) throws {
        let snapshots = Snapshots(data: data)
        let replacement: String
        switch action {
        case .save(let name, let replacing):
            let store = try Store.open(at: data.store)
            defer { store.close() }
            return try snapshots.save(name, of: store, replacing: replacing, at: SystemClock().now)
        case .load(let name): replacement = try snapshots.prepare(name, faults: .none)
        case .reset: replacement = try snapshots.prepareEmpty()
        case .lifecycle, .coldStarts, .makeCold, .backends, .canary:
            throw CommandFailure(
                .unavailable, "No emulator runs on \(data.path). Start one: this is its work.")
        }
        defer { Files.removeTree(replacement) }
        try Store.exchangeFolder(data.store, with: replacement)
    }

    static func report(_ text: String, _ json: JSONValue, _ arguments: ParsedArguments) {
        Terminal.out(arguments.wantsJSON ? json.encodedString() : text)
    }
}

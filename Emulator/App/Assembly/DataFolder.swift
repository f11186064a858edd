import JSON
import Net

/// The folder that holds all state, and what lies where in it.
///
///     DATA/store/     RocksDB and blob files (module Store)
///     DATA/snapshots/ saved states, by name
///     DATA/store.new/ a state about to take the place of the present one, or the one that was replaced
///     DATA/logs/      one log file per function
///     DATA/tmp/       request bodies being received, /tmp of functions, copies of the programs that
///                     `emulator start --watch` runs; emptied at start
///     DATA/recordings/ the last invocations, when they are recorded
///     DATA/actions.json which actions of AWS services functions were seen to use, when that is recorded
///     DATA/running.json   process and ports of the running emulator
struct DataFolder: Sendable {
    /// Where state is kept when the user does not say.
    static let usual = ".mumble"

    let path: String

    var store: String { path + "/store" }
    var snapshots: String { path + "/snapshots" }
    var nextStore: String { path + "/store.new" }
    private var stateLock: String { path + "/state.lock" }
    var logs: String { path + "/logs" }
    var temporary: String { path + "/tmp" }
    var programs: String { temporary + "/programs" }
    var recordings: String { path + "/recordings" }
    var actions: String { path + "/actions.json" }
    var checkedBuilds: String { path + "/builds" }
    private var runningFile: String { path + "/running.json" }

    /// Makes the folders that are missing and empties `tmp`.
    func prepare() throws(CommandFailure) {
        do {
            for folder in [path, logs, temporary] { try Files.makeDirectories(folder) }
        } catch {
            throw CommandFailure(
                .cannotCreate,
                "The data folder \(path) cannot be written (\(error)). "
                    + "Make it writable for this user or name another one with --data DIR.")
        }
    }

    /// Called only once the store's lock is held, so that no running emulator loses its files.
    func emptyTemporary() {
        Files.removeTree(temporary)
        // Unless a command is just preparing it.
        if let lock = try? Files.lock(stateLock) {
            Files.removeTree(nextStore)
            Files.unlock(lock)
        }
        try? Files.makeDirectories(temporary)
    }

    /// Runs `body` unless another command is saving, loading or deleting a state of this folder.
    func withStateLock<R>(_ body: () async throws -> R) async throws -> R {
        guard let lock = try Files.lock(stateLock) else {
            throw CommandFailure(
                .temporaryFailure,
                "Another command is saving, loading or deleting a state of \(path); try again when it is done."
            )
        }
        defer { Files.unlock(lock) }
        return try await body()
    }

    /// Where a running emulator can be reached.
    struct Running: Sendable {
        let pid: Int32
        let gatewayPort: Int
        let awsPort: Int
        /// Whoever can read the folder may control the emulator; a web page cannot.
        let token: String
        /// The address it listens on.
        let host: String

        /// An address that leads there from this machine.
        var reachableHost: String { ["0.0.0.0", "::", ""].contains(host) ? "127.0.0.1" : host }
    }

    func announce(_ running: Running) throws {
        let document: JSONValue = [
            "pid": .number(.init(Int(running.pid))),
            "started": .string(ProcessFacts.startTime(running.pid) ?? ""),
            "port": .number(.init(running.gatewayPort)),
            "awsPort": .number(.init(running.awsPort)),
            "token": .string(running.token),
            "host": .string(running.host),
        ]
        try Files.writeFile(runningFile, document.encoded() + [UInt8(ascii: "\n")], mode: 0o600)
    }

    func withdraw() { Files.removeFile(runningFile) }

    /// The emulator that uses this folder now, if its process is alive.
    func running() -> Running? {
        guard let bytes = try? Files.readFile(runningFile, limit: 65_536),
            let document = try? JSONValue.parse(bytes),
            let pid = document["pid"]?.int, let port = document["port"]?.int,
            let awsPort = document["awsPort"]?.int, let token = document["token"]?.string,
            // Another process may have got the same number since; its start time differs.
            let started = document["started"]?.string,
            ProcessFacts.startTime(Int32(truncatingIfNeeded: pid)) == started
        else { return nil }
        return Running(
            pid: Int32(truncatingIfNeeded: pid), gatewayPort: port, awsPort: awsPort, token: token,
            host: document["host"]?.string ?? "127.0.0.1")
    }
}

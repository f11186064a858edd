import Digests
import Net

/// When programs were last built without an error, for the next start: a build that changes nothing leaves the program
/// older than its sources, and would be asked for at each start.
struct CheckedBuilds: Sendable {
    let folder: String

    /// A build begins: sources that are changed from now on are newer than what it will tell.
    func begin(_ program: WatchedProgram) {
        // Without these files programs are built once more; there is nothing to complain of.
        try? Files.makeDirectories(folder)
        try? Files.writeFile(path(program) + ".begun", [])
    }

    /// The build that began last has succeeded.
    func succeeded(_ program: WatchedProgram) {
        try? Files.move(path(program) + ".begun", to: path(program))
    }

    /// The last moment at which the program was as its sources want it; nil when it is not there.
    func stamp(_ program: WatchedProgram) -> FileStamp? {
        guard let built = Files.stamp(program.path) else { return nil }
        guard let checked = Files.stamp(path(program)), checked.isNewer(than: built) else { return built }
        return checked
    }

    private func path(_ program: WatchedProgram) -> String { "\(folder)/\(SHA256.hex(program.path))" }
}

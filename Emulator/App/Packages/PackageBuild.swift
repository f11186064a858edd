import Bytes
import Net

/// Builds the release binaries of a package's functions with SwiftPM.
@EventLoop
final class PackageBuild {
    private let tool: SwiftTool
    private let folder: String
    private(set) var isRunning = false

    /// - Parameter folder: where Package.swift is.
    nonisolated init(folder: String, environment: [String: String]) {
        self.folder = folder
        tool = SwiftTool(environment: environment)
    }

    /// One after the other: each build uses all processors by itself.
    func build(_ functions: [Manifest.Function]) async throws(CommandFailure) {
        isRunning = true
        defer { isRunning = false }
        for (index, function) in functions.enumerated() {
            Terminal.note("[\(index + 1)/\(functions.count)] building \(function.name)")
            let outcome = await tool.run(
                ["swift", "build", "-c", "release", "--product", function.executable], in: folder)
            if tool.isEnded { throw CommandFailure(.failure, "interrupted; no zip was written.") }
            guard let outcome, outcome.status.code != 127 else {
                throw CommandFailure(
                    .missingInput,
                    "There is no 'swift' on the PATH; install a Swift toolchain from swift.org/install, or package "
                        + "binaries that are built already with --skip-build.")
            }
            guard outcome.succeeded else {
                Terminal.note(outcome.words.text)
                throw CommandFailure(
                    .failure,
                    "'\(function.executable)' does not build; the compiler's words are above. No zip was written."
                )
            }
        }
    }

    /// Compilers must not outlive the command.
    func interrupt() { tool.interrupt() }
}

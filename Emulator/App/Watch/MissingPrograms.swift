import Bytes
import Net

/// Builds the programs that a package has not built yet, so that `--watch` can start with a handler that is new.
enum MissingPrograms {
    /// Programs that no package builds are left to the start, which says where they were looked for.
    /// - Parameter tool: ends the building, too, when it is ended.
    @EventLoop static func build(_ options: EmulatorOptions, with tool: SwiftTool) async throws {
        let directory = Files.absolute(options.manifest.directory) ?? options.manifest.directory
        let here = Files.absolute(".") ?? "."
        for function in options.manifest.functions where !tool.isEnded {
            let places = options.binaries.candidates(for: function, manifestDirectory: directory)
                .map { $0.hasPrefix("/") ? $0 : "\(here)/\($0)" }
            guard !places.contains(where: Files.isExecutable),
                let build = places.lazy.compactMap({ WatchedProgram.build(of: $0) }).first
            else { continue }
            try await run(build, with: tool)
        }
    }

    @EventLoop private static func run(_ build: WatchedProgram.Build, with tool: SwiftTool) async throws {
        Terminal.note("[watch] \(build.product): building, since it is not there yet")
        let outcome = await tool.run(build.arguments, in: build.package)
        guard !tool.isEnded else { return }
        guard let outcome, outcome.status.code != 127 else {
            throw CommandFailure(
                .missingInput, "There is no 'swift' on the PATH; install a Swift toolchain from swift.org.")
        }
        guard outcome.succeeded else {
            Terminal.note(outcome.words.text)
            throw CommandFailure(
                .failure,
                "'\(build.product)' does not build; the compiler's words are above. Mend it and start again.")
        }
        Terminal.note("[watch] \(build.product): built in \(outcome.duration.twoDecimals) s")
    }
}

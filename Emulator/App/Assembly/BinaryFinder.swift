import Net

/// Finds the binary of a function.
struct BinaryFinder: Sendable {
    /// Searched in this order.
    let folders: [String]

    /// - Parameter override: the folder given with `--bin`, searched alone.
    init(manifestDirectory: String, override: String?) {
        if let override {
            folders = [override]
            return
        }
        let own = ProcessFacts.executableDirectory()
        folders = [own, manifestDirectory + "/.build/release", manifestDirectory + "/.build/debug"]
    }

    func path(of function: Manifest.Function, manifestDirectory: String) throws(CommandFailure) -> String {
        try resolved(candidates(for: function, manifestDirectory: manifestDirectory), function)
    }

    /// Where the binary may be, the likeliest place first.
    func candidates(for function: Manifest.Function, manifestDirectory: String) -> [String] {
        let executable = function.executable
        guard executable.contains("/") else { return folders.map { $0 + "/" + executable } }
        return [executable.hasPrefix("/") ? executable : manifestDirectory + "/" + executable]
    }

    /// The first that can be run, from the root: functions are started in a working folder of their own.
    private func resolved(
        _ candidates: [String], _ function: Manifest.Function
    ) throws(CommandFailure) -> String {
        guard let path = candidates.first(where: Files.isExecutable), let absolute = Files.absolute(path)
        else {
            throw missing(function, candidates)
        }
        return absolute
    }

    private func missing(_ function: Manifest.Function, _ candidates: [String]) -> CommandFailure {
        CommandFailure(
            .missingInput,
            "The binary of function '\(function.name)' is missing (looked for \(candidates.joined(separator: ", "))). "
                + "Build it with 'make build' or name its folder with --bin DIR.")
    }
}

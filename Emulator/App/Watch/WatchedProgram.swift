import JSON
import Net

/// The program of one or several functions, and how it comes to be.
struct WatchedProgram: Sendable {
    /// How to build a program that SwiftPM has made.
    struct Build: Sendable, Hashable {
        /// The package's folder.
        let package: String
        let product: String
        /// `debug` or `release`: as the running program was built.
        let configuration: String

        var arguments: [String] { ["swift", "build", "-c", configuration, "--product", product] }
    }

    let path: String
    var functions: [String]
    /// nil for a program that somebody else builds.
    let build: Build?
    /// The file that runs now.
    var stamp: FileStamp?
    /// Counts the replacements.
    var generation = 0

    var name: String { path.split(separator: "/").last.map { String($0) } ?? path }
    var folder: String { path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "." }

    init(path: String, function: String) {
        self.path = path
        functions = [function]
        build = Self.build(of: path)
        stamp = Files.stamp(path)
    }

    /// `PACKAGE/.build/[TRIPLE/]CONFIGURATION/PRODUCT`, with a manifest of SwiftPM in PACKAGE.
    static func build(of path: String) -> Build? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
        guard let build = parts.lastIndex(of: ".build"), build < parts.count - 2 else { return nil }
        let package = parts[..<build].joined(separator: "/")
        let configuration = parts[parts.count - 2]
        guard ["debug", "release"].contains(configuration),
            Files.fileSize(package + "/Package.swift") != nil
        else { return nil }
        return Build(package: package, product: parts[parts.count - 1], configuration: configuration)
    }
}

/// Copies of programs: what runs must not change under its process while a linker writes the next one.
struct ProgramCopies: Sendable {
    let folder: String

    /// Makes a copy that lives until the next but one of the same program.
    func add(_ program: WatchedProgram) throws -> String {
        try Files.makeDirectories(folder)
        let copy = path(program, program.generation)
        try Files.copyFile(program.path, to: copy)
        // The last one before may still be started: by a call that waits since before the replacement.
        if program.generation > 1 { Files.removeFile(path(program, program.generation - 2)) }
        return copy
    }

    func removeAll() { Files.removeTree(folder) }

    /// Programs of several packages may have one name, but no two programs have a function in common.
    private func path(_ program: WatchedProgram, _ generation: Int) -> String {
        "\(folder)/\(program.functions[0]).\(program.name).\(generation)"
    }
}

import Glibc
import Net

/// What a function finds at which path, and where that lies on this machine.
struct FunctionFiles {
    /// A file as the function sees it and as the machine does.
    struct Place: Equatable {
        let inside: String
        let host: String
    }

    /// `/var/task/bootstrap`, `/opt/bootstrap`, or a program that stands for the runtime itself.
    let bootstrap: Place
    /// `/var/task`.
    let task: Place
    /// What differs from function to function, for a file system of its own.
    let entries: [Confinement.Entry]

    init(_ given: FunctionDefinition) {
        var definition = given
        // What is put together elsewhere needs paths from the root.
        definition.executablePath = Files.rooted(given.executablePath)
        definition.taskFolder = given.taskFolder.map { Files.rooted($0) }
        definition.layerFolder = given.layerFolder.map { Files.rooted($0) }
        let program = Self.program(definition)
        let (folder, name) = Self.split(program)
        if let task = definition.taskFolder {
            self.task = Place(inside: "/var/task", host: task)
            var entries: [Confinement.Entry] = [.folder(task, at: "var/task")]
            if let inside = Self.inside(program, task, "/var/task")
                ?? definition.layerFolder.flatMap({ Self.inside(program, $0, "/opt") })
            {
                bootstrap = Place(inside: inside, host: program)
            } else {
                bootstrap = Place(inside: "/var/runtime/bootstrap", host: program)
                entries.append(.file(program, at: "var/runtime/bootstrap"))
            }
            self.entries =
                entries + Self.layers(definition) + Self.libraries(program)
                + Self.visible(definition.sharedFolders)
            return
        }
        task = Place(inside: "/var/task", host: folder)
        bootstrap = Place(inside: "/var/task/bootstrap", host: program)
        // A program among many others is shown alone, as its zip would hold it.
        let code: [Confinement.Entry] =
            name == "bootstrap"
            ? [.folder(folder, at: "var/task")]
            : [.empty("var/task"), .file(program, at: "var/task/bootstrap")]
        entries =
            code + Self.layers(definition) + Self.libraries(program) + Self.visible(definition.sharedFolders)
    }

    /// The bootstrap of the code; without one, that of a layer.
    private static func program(_ definition: FunctionDefinition) -> String {
        guard !Files.exists(definition.executablePath), let layer = definition.layerFolder,
            Files.exists(layer + "/bootstrap")
        else { return definition.executablePath }
        return layer + "/bootstrap"
    }

    private static func split(_ path: String) -> (folder: String, name: Substring) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path[...]) }
        let folder = slash == path.startIndex ? "/" : String(path[..<slash])
        return (folder, path[path.index(after: slash)...])
    }

    private static func inside(_ path: String, _ folder: String, _ place: String) -> String? {
        path.hasPrefix(folder + "/") ? place + path.dropFirst(folder.count) : nil
    }

    private static func layers(_ definition: FunctionDefinition) -> [Confinement.Entry] {
        [definition.layerFolder.map { .folder($0, at: "opt") } ?? .empty("opt")]
    }

    /// Folders of `LD_LIBRARY_PATH` that a custom runtime leaves empty take those that the program names.
    private static func libraries(_ program: String) -> [Confinement.Entry] {
        let places = ["var/lang/lib", "var/runtime/lib"]
        let hidden = ProgramLibraries.folders(of: program).filter { folder in
            !seenFolders.contains { folder == "/\($0)" || folder.hasPrefix("/\($0)/") }
        }
        return zip(hidden, places).map { .folder($0, at: $1) }
    }

    // MARK: - What all functions see

    /// Of the machine: programs, libraries and their settings. Neither homes nor what services keep.
    private static let seenFolders = [
        "bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "nix", "gnu",
    ]
    private static let devices = ["null", "zero", "full", "random", "urandom"]

    static func shared() -> [Confinement.Entry] {
        var entries = seenFolders.compactMap { name -> Confinement.Entry? in
            if let text = Files.linkText("/\(name)") { return .link(to: text, at: name) }
            return Files.isDirectory("/\(name)") ? .folder("/\(name)", at: name) : nil
        }
        entries += [
            .processList(at: "proc"), .empty("sys"), .empty("sys/devices"), .empty("dev"), .empty("var"),
            .empty("var/lang"), .empty("var/runtime"),
            // Says that the response and the next poll may come in one write, which saves our own runtime a
            // round trip. A file, because the variables are to be Lambda's alone.
            .empty("var/runtime/pipelines"),
        ]
        if Files.isDirectory("/sys/devices/system") {
            entries.append(.folder("/sys/devices/system", at: "sys/devices/system"))
        }
        entries += devices.filter { Files.exists("/dev/\($0)") }.map { .file("/dev/\($0)", at: "dev/\($0)") }
        let streams = [("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")]
        entries += streams.map { .link(to: "/proc/self/fd\($1)", at: "dev/\($0)") }
        return entries + nameServers()
    }

    /// Where `/etc/resolv.conf` is a link, its target is seen as well.
    private static func nameServers() -> [Confinement.Entry] {
        guard let target = Files.absolute("/etc/resolv.conf") else { return [] }
        return entries(above: target) { .file(target, at: $0) }
    }

    /// Folders of the machine that the user wants functions to see, where they are.
    static func visible(_ folders: [String]) -> [Confinement.Entry] {
        folders.compactMap { Files.absolute($0) }.filter(Files.isDirectory)
            .flatMap { folder in entries(above: folder) { .folder(folder, at: $0) } }
    }

    /// Nothing for what is seen anyway.
    private static func entries(
        above path: String, _ entry: (String) -> Confinement.Entry
    ) -> [Confinement.Entry] {
        let parts = path.split(separator: "/").map(String.init)
        guard let first = parts.first, !(seenFolders + ["proc"]).contains(first) else { return [] }
        let folders = (1..<parts.count).map { Confinement.Entry.empty(parts[..<$0].joined(separator: "/")) }
        return folders + [entry(parts.joined(separator: "/"))]
    }
}

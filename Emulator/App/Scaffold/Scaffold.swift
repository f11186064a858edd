import Bytes
import JSON
import Net

/// Adds a handler to a package: its files, its line in Package.swift, its entries in the manifest. All or nothing.
struct Scaffold {
    /// In front of every route of the handlers' own.
    static let prefix = "/api/v1"

    let directory: String
    let manifestPath: String
    let template: HandlerTemplate

    private var name: HandlerName { template.name }
    private var packagePath: String { "\(directory)/Package.swift" }

    /// Where a file is: one that is a link stays one.
    private static func behindLinks(_ path: String) -> String { Files.absolute(path) ?? path }

    /// - Returns: the paths of what was made and changed.
    func write() throws(CommandFailure) -> [String] {
        // Everything is known to fit before anything is written.
        let package = try package()
        let manifest = try manifest()
        for file in template.files where Files.fileSize("\(directory)/\(file.path)") != nil {
            throw CommandFailure(
                .usage, "\(file.path) is there already, and nothing is overwritten. Choose another name.")
        }
        var made: [String] = []
        do {
            for file in template.files {
                let path = "\(directory)/\(file.path)"
                if let slash = path.lastIndex(of: "/") { try Files.makeDirectories(String(path[..<slash])) }
                made.append(path)
                try Files.writeFile(path, file.text.bytes)
            }
            try replace(package: package, manifest: manifest)
        } catch {
            for path in made {
                Files.removeFile(path)
                // Those that were there before are not empty, or were so before.
                if let slash = path.lastIndex(of: "/") { Files.removeEmptyFolder(String(path[..<slash])) }
            }
            if let failure = error as? CommandFailure { throw failure }
            throw CommandFailure(
                .cannotCreate, "The handler cannot be written (\(error)); nothing was changed.")
        }
        return template.files.map(\.path)
    }

    /// Both, or neither.
    private func replace(package: [UInt8], manifest: [UInt8]) throws {
        let path = Self.behindLinks(packagePath)
        let before = try Files.readFile(path, limit: ManifestReader.largestFile)
        try Files.writeFile(path, package)
        do {
            try Files.writeFile(Self.behindLinks(manifestPath), manifest)
        } catch {
            let cause = error
            do {
                try Files.writeFile(path, before)
            } catch {
                throw CommandFailure(
                    .cannotCreate,
                    "The manifest cannot be written (\(cause)), and Package.swift has a line for '\(name.function)' that "
                        + "could not be taken back (\(error)): remove it by hand.")
            }
            throw cause
        }
    }

    /// `let functionNames = [` has a line for each handler.
    private func package() throws(CommandFailure) -> [UInt8] {
        let source: [UInt8]
        do {
            source = try Files.readFile(packagePath, limit: ManifestReader.largestFile)
        } catch {
            throw CommandFailure(
                .missingInput,
                "There is no Package.swift beside \(manifestPath) (\(error)). Run this in the package's folder, or name "
                    + "its manifest with --manifest FILE.")
        }
        var lines = String(utf8: source).split(separator: "\n", omittingEmptySubsequences: false).map {
            String($0)
        }
        let opening = "let functionNames = ["
        guard let start = lines.firstIndex(where: { $0.hasPrefix(opening) }),
            let end = lines.indices[start...].first(where: { index in
                Self.code(lines[index]).dropFirst(index == start ? opening.count : 0).contains("]")
            })
        else {
            throw CommandFailure(
                .invalidData,
                "Package.swift has no list 'let functionNames = [' with a line for each handler; "
                    + "add a target '\(name.module)' and a product '\(name.function)' by hand.")
        }
        // Targets are named in quotes, and so is everything else that may clash; case is no difference for disks of
        // some machines.
        let quoted = "\"\(name.function.lowercased())\""
        let clash = lines.firstIndex {
            !$0.drop(while: { $0 == " " }).hasPrefix("//") && $0.lowercased().contains(quoted)
        }
        if let clash {
            throw CommandFailure(
                .usage,
                "Package.swift has something of that name already (line \(clash + 1)). Choose another name.")
        }
        if lines[end].first(where: { $0 != " " }) == "]" {
            // The last line may do without its comma.
            let last = Self.code(lines[end - 1])
            if last.last == "\"" { lines[end - 1] = last + "," + lines[end - 1].dropFirst(last.count) }
            lines.insert("    \"\(name.function)\",", at: end)
        } else {
            lines[end] = Self.adding("\"\(name.function)\"", toList: lines[end])
        }
        return lines.joined(separator: "\n").bytes
    }

    /// A line of a list without its comment and the blanks in front of that.
    private static func code(_ line: some StringProtocol) -> String {
        var bytes = Array(line.utf8)
        if let comment = bytes.indices.dropLast().first(where: { bytes[$0] == 0x2F && bytes[$0 + 1] == 0x2F })
        {
            bytes.removeSubrange(comment...)
        }
        while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        return String(utf8: bytes)
    }

    /// The last line of a list that does not end on a line of its own: `let functionNames = ["a", "b"]`.
    private static func adding(_ element: String, toList line: String) -> String {
        guard let end = line.firstIndex(of: "]") else { return line }
        let head = code(line[..<end])
        let separator = head.last == "[" ? "" : head.last == "," ? " " : ", "
        return head + separator + element + line[end...]
    }

    /// The manifest with the function and its route; it has been read again, as the emulator will read it.
    private func manifest() throws(CommandFailure) -> [UInt8] {
        let source: [UInt8]
        do {
            source = try Files.readFile(manifestPath, limit: ManifestReader.largestFile)
        } catch {
            throw CommandFailure(.missingInput, "The manifest \(manifestPath) cannot be read (\(error)).")
        }
        let old: Manifest
        do {
            old = try ManifestReader.parse(source, path: manifestPath)
        } catch {
            throw CommandFailure(.invalidData, "\(error)")
        }
        let route = "\(template.method) \(Self.prefix)\(template.path)"
        let function =
            "\"\(name.function)\": { \"executable\": \"\(name.function)\", \"memorySize\": 128, \"timeout\": 10, "
            + "\"reservedConcurrency\": 100 }"
        let entry = "{ \"route\": \"\(route)\", \"function\": \"\(name.function)\" }"
        guard let first = JSONInsertion(source).adding(function, to: ["functions"]),
            let second = JSONInsertion(first).adding(entry, to: ["httpApi", "routes"])
        else {
            throw CommandFailure(
                .invalidData, "\(manifestPath) has no 'functions' or no 'httpApi.routes' to add to.")
        }
        do {
            let new = try ManifestReader.parse(second, path: manifestPath)
            guard old.function(name.function) == nil, new.function(name.function) != nil,
                new.routes.count == old.routes.count + 1
            else {
                throw CommandFailure(.usage, "The manifest has a function '\(name.function)' already.")
            }
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(.invalidData, "\(error)")
        }
        return second
    }
}

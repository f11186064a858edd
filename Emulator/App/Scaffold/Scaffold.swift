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
            let before = try Files.readFile(packagePath, limit: ManifestReader.largestFile)
            try Files.writeFile(packagePath, package)
            do {
                try Files.writeFile(manifestPath, manifest)
            } catch {
                try Files.writeFile(packagePath, before)
                throw error
            }
        } catch {
            for path in made { Files.removeFile(path) }
            throw CommandFailure(
                .cannotCreate, "The handler cannot be written (\(error)); nothing was changed.")
        }
        return template.files.map(\.path)
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
        guard let start = lines.firstIndex(where: { $0.hasPrefix("let functionNames = [") }),
            let end = lines[start...].firstIndex(where: { $0.hasPrefix("]") })
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
        lines.insert("    \"\(name.function)\",", at: end)
        return lines.joined(separator: "\n").bytes
    }

    /// The manifest with the function and its route; it has been read again, as the emulator will read it.
    private func manifest() throws(CommandFailure) -> [UInt8] {
        let source: [UInt8]
        do {
            source = try Files.readFile(manifestPath, limit: ManifestReader.largestFile)
        } catch {
            throw CommandFailure(.missingInput, "The manifest \(manifestPath) cannot be read (\(error)).")
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
            let old = try ManifestReader.parse(source, path: manifestPath)
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

/// Writes the zip file that AWS Lambda's `provided.al2023` runtime takes.
public enum FunctionPackage {
    /// What was written.
    public struct Written: Sendable {
        /// Size of the package, and of what is in it once unpacked, in bytes.
        public let zippedBytes: Int
        public let unzippedBytes: Int
        /// The bootstrap as it is in the package.
        public let program: [UInt8]
    }

    /// Writes a package with `executable` as `bootstrap` at its root, without what only debuggers read
    /// unless it is to stay as it is.
    ///
    /// The same input gives the same bytes: entries are sorted, and carry one fixed date and a fixed mode
    /// (0755 for the bootstrap and for extra files that their owner may execute, 0644 for others). The zip
    /// appears at `zipPath` complete or not at all.
    ///
    /// - Parameters:
    ///   - executable: path of the function's program.
    ///   - zipPath: where the package goes; its folder must exist; an older package is replaced.
    ///   - extraFiles: further files, each with its name inside the package (relative, `/` between folders).
    ///   - unwinding: what happens to tables for exceptions; nil leaves every byte of the program alone.
    /// - Throws: ``PackagingError``.
    @discardableResult
    public static func write(
        executable: String, to zipPath: String, extraFiles: [(name: String, path: String)] = [],
        unwinding: StrippedProgram.Unwinding? = .dropped
    ) throws(PackagingError) -> Written {
        var files = [try PackageEntry(name: "bootstrap", path: executable, mode: 0o755)]
        for file in extraFiles {
            try PackageEntry.check(name: file.name)
            guard !files.contains(where: { $0.name == file.name }) else {
                throw .invalidName(name: file.name, reason: "another file already has this name")
            }
            files.append(try PackageEntry(name: file.name, path: file.path, mode: nil))
        }
        var entries: [ZipArchive.Entry] = []
        for file in files {
            let content = try WholeFile.read(file.path, size: file.size)
            entries.append(ZipArchive.Entry(name: file.name, mode: file.mode, content: content))
        }
        if let unwinding {
            do throws(ELFError) {
                let program = try StrippedProgram.strip(entries[0].content, unwinding: unwinding)
                entries[0] = ZipArchive.Entry(name: "bootstrap", mode: 0o755, content: program)
            } catch {
                throw .unreadable(path: executable, reason: "\(error)")
            }
        }
        let archive = try ZipArchive.bytes(entries)
        try WholeFile.write(archive, to: zipPath)
        return Written(
            zippedBytes: archive.count, unzippedBytes: entries.reduce(0) { $0 + $1.content.count },
            program: entries[0].content)
    }
}

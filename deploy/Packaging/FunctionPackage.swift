import Bytes
import Glibc

/// Writes the zip file that AWS Lambda's `provided.al2023` runtime takes.
public enum FunctionPackage {
    /// Writes a package with `executable` as `bootstrap` at its root.
    ///
    /// The same input gives the same bytes: entries are sorted, and carry one fixed date and a fixed mode
    /// (0755 for the bootstrap and for extra files that their owner may execute, 0644 for others). The zip
    /// appears at `zipPath` complete or not at all.
    ///
    /// - Parameters:
    ///   - executable: path of the function's program.
    ///   - zipPath: where the package goes; its folder must exist; an older package is replaced.
    ///   - extraFiles: further files, each with its name inside the package (relative, `/` between folders).
    /// - Returns: size of the package, and of what is in it once unpacked, in bytes.
    /// - Throws: ``PackagingError``.
    public static func write(
        executable: String, to zipPath: String, extraFiles: [(name: String, path: String)] = []
    ) throws(PackagingError) -> (zippedBytes: Int, unzippedBytes: Int) {
        var entries = [try PackageEntry(name: "bootstrap", path: executable, mode: 0o755)]
        for file in extraFiles {
            try PackageEntry.check(name: file.name)
            guard !entries.contains(where: { $0.name == file.name }) else {
                throw .invalidName(name: file.name, reason: "another file already has this name")
            }
            entries.append(try PackageEntry(name: file.name, path: file.path, mode: nil))
        }
        entries.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }

        // A name of its own for each writer: two packagers at once must not tear each other's file.
        let partial = "\(zipPath).\(getpid())-\(UUID4.make()).partial"
        do throws(PackagingError) {
            try ZipWriter.write(entries, to: partial)
            let size = try publish(partial, as: zipPath)
            return (size, entries.reduce(0) { $0 + $1.size })
        } catch {
            unlink(partial)
            throw error.naming(zipPath, insteadOf: partial)
        }
    }

    /// Makes the bytes durable, then gives them their name: a crash leaves the old package or the new one.
    private static func publish(_ partial: String, as zipPath: String) throws(PackagingError) -> Int {
        let descriptor = open(partial, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unwritable(path: zipPath, reason: reason(errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard fsync(descriptor) == 0, fstat(descriptor, &status) == 0 else {
            throw errno == ENOSPC
                ? .diskFull(path: zipPath) : .unwritable(path: zipPath, reason: reason(errno))
        }
        guard rename(partial, zipPath) == 0 else {
            throw .unwritable(path: zipPath, reason: reason(errno))
        }
        return Int(status.st_size)
    }
}

extension PackagingError {
    /// The user asked for `wanted`; the temporary name behind it is none of their business.
    fileprivate func naming(_ wanted: String, insteadOf temporary: String) -> PackagingError {
        switch self {
        case .unwritable(temporary, let reason): .unwritable(path: wanted, reason: reason)
        case .diskFull(temporary): .diskFull(path: wanted)
        case .engine(temporary, let reason): .engine(path: wanted, reason: reason)
        default: self
        }
    }
}

/// The system's words for an error number.
func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

/// Why a function package could not be written. Each description is one sentence that names the file.
public enum PackagingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A file that should go into the package is absent, no regular file, or may not be read.
    case unreadable(path: String, reason: String)
    /// An entry name that `provided.*` could not unpack below `/var/task`.
    case invalidName(name: String, reason: String)
    /// The zip file, or its folder, may not be written.
    case unwritable(path: String, reason: String)
    /// No room is left where the zip file should be written.
    case diskFull(path: String)
    /// More than a zip holds.
    case tooLarge(String)

    public var description: String {
        switch self {
        case .unreadable(let path, let reason): "cannot package \(path): \(reason)"
        case .invalidName(let name, let reason): "cannot package under the name '\(name)': \(reason)"
        case .unwritable(let path, let reason): "cannot write \(path): \(reason)"
        case .diskFull(let path):
            "cannot write \(path): no space left on the disk; free some or name another folder with --output"
        case .tooLarge(let reason): "cannot make the package: \(reason)"
        }
    }
}

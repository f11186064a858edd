import Glibc

/// Why the store refused or failed.
public enum StoreError: Error, Equatable, CustomStringConvertible {
    /// The data folder cannot be created or written.
    case notWritable(path: String, reason: String)
    /// The folder was written by a later version of the program.
    case newerVersion(found: Int, supported: Int, path: String)
    /// Another process has the folder open.
    case locked(path: String)
    /// No space (or quota) is left. Nothing acknowledged is lost; writes work again once there is space.
    case diskFull
    /// Stored bytes are not what was written.
    case corrupt(String)
    /// Any other error of the storage engine, in its own words.
    case engine(String)
    /// A failed system call.
    case io(call: String, errno: Int32, path: String)
    /// More than `limit` commits are waiting; the caller should retry later.
    case overloaded(limit: Int)
    /// The store has been closed.
    case closed
    /// Thrown by a ``FaultInjector`` in tests.
    case injected(FaultPoint)

    public var description: String {
        switch self {
        case .notWritable(let path, let reason): "data folder \(path) is not writable: \(reason)"
        case .newerVersion(let found, let supported, let path):
            "data folder \(path) has format \(found), this program supports up to \(supported)"
        case .locked(let path): "data folder \(path) is in use by another process"
        case .diskFull: "no space left on the disk of the data folder"
        case .corrupt(let what): "stored data is damaged: \(what)"
        case .engine(let message): "storage engine: \(message)"
        case .io(let call, let number, let path): "\(call) \(path): \(String(cString: strerror(number)))"
        case .overloaded(let limit): "\(limit) commits are waiting already"
        case .closed: "the store is closed"
        case .injected(let point): "injected fault at \(point.rawValue)"
        }
    }

    /// A failed system call; a full disk gets its own case because callers treat it differently.
    static func system(_ call: String, _ number: Int32, _ path: String) -> StoreError {
        number == ENOSPC || number == EDQUOT
            ? .diskFull : .io(call: call, errno: number, path: path)
    }

    /// RocksDB's C interface reports errors as text: `<class>: <detail>`.
    static func fromEngine(_ message: String) -> StoreError {
        if message.contains("No space left on device") || message.contains("Disk quota exceeded") {
            return .diskFull
        }
        return message.hasPrefix("Corruption") ? .corrupt(message) : .engine(message)
    }
}

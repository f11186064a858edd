import Glibc
import Net

/// Why a file cannot be a function's bootstrap, found before a process is started for it.
enum Entrypoint {
    /// - Returns: nil when the kernel will probably execute it.
    static func problem(_ path: String) -> PlatformError? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return .noBootstrap }
        guard access(path, X_OK) == 0 else { return .notExecutable("permission denied") }
        return nil
    }

    /// What a refusal to start the process means.
    static func problem(_ error: NetError) -> PlatformError {
        guard case .spawnFailed(_, let reason) = error else { return .notExecutable("\(error)") }
        // libuv has no words of its own for ENOEXEC.
        return .notExecutable(reason.hasSuffix(" -\(ENOEXEC)") ? "exec format error" : reason)
    }
}

import Glibc

/// Why a file cannot be a function's bootstrap, found before a process is started for it.
enum Entrypoint {
    /// - Returns: nil when the kernel will probably execute it.
    static func problem(_ path: String) -> PlatformError? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return .noBootstrap }
        guard access(path, X_OK) == 0 else { return .notExecutable("permission denied") }
        return nil
    }

    /// What the kernel's refusal to execute means.
    static func problem(errno code: Int32) -> PlatformError {
        switch code {
        case ENOEXEC: .notExecutable("exec format error")
        case EACCES, EPERM: .notExecutable("permission denied")
        // The file was there a moment ago: its loader or interpreter is not.
        case ENOENT: .notExecutable("no such file or directory")
        default: .notExecutable(String(cString: strerror(code)).lowercased())
        }
    }
}

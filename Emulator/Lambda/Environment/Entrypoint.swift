import Glibc
import Net

/// Why a file cannot be a function's bootstrap, found before a process is started for it.
enum Entrypoint {
    /// - Parameter isFromZip: on AWS it belongs to root, and somebody else runs it: what counts is what anybody
    ///   may do. A program in the user's own folder is packaged so that this holds.
    /// - Returns: nil when the kernel will probably execute it.
    static func problem(_ path: String, isFromZip: Bool = false) -> PlatformError? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return .noBootstrap }
        guard access(path, X_OK) == 0, !isFromZip || status.st_mode & 0o001 != 0 else {
            return .notExecutable("permission denied")
        }
        return hasKnownFormat(path) ? nil : .notExecutable("exec format error")
    }

    /// Whether the file is a script or a program for this processor. Asked here because libuv's `execvp` would
    /// give a file of another format to a shell, which then fails with words of its own.
    private static func hasKnownFormat(_ path: String) -> Bool {
        // May be executed, but not read: the kernel will tell.
        guard let head = SmallFile.read(path) else { return true }
        if head.starts(with: [0x23, 0x21]) { return true }
        guard head.starts(with: [0x7f, 0x45, 0x4c, 0x46]), head.count >= 20 else { return false }
        // e_machine (ELF-64 Object File Format, figure 3), little-endian as on both processors.
        return UInt16(head[18]) | UInt16(head[19]) << 8 == machine
    }

    #if arch(arm64)
        private static let machine: UInt16 = 183
    #else
        private static let machine: UInt16 = 62
    #endif

    /// Whether the refusal will go away: somebody has the file open for writing, if only for the moment
    /// between a fork and the exec that follows.
    static func isPassing(_ error: NetError) -> Bool {
        guard case .spawnFailed(_, let reason) = error else { return false }
        return reason == "text file is busy"
    }

    /// What a refusal to start the process means.
    static func problem(_ error: NetError, at place: FunctionFiles.Place) -> PlatformError {
        guard case .spawnFailed(_, let reason) = error else {
            return .notExecutable("\(error)", path: place.inside)
        }
        // libuv has no words of its own for ENOEXEC.
        let words = reason.hasSuffix(" -\(ENOEXEC)") ? "exec format error" : reason
        return .notExecutable(words, path: place.inside)
    }
}

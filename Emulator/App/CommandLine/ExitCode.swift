import Glibc

/// Exit codes of every command, after BSD `sysexits.h`, so that scripts can tell causes apart.
enum ExitCode: Int32 {
    case success = 0
    /// The command ran, but the function failed or a check found damage.
    case failure = 1
    case usage = 64
    /// The manifest or an event is not valid.
    case invalidData = 65
    /// A named file or function does not exist.
    case missingInput = 66
    /// A port is taken or a peer does not answer.
    case unavailable = 69
    case internalError = 70
    /// The data folder cannot be created or written.
    case cannotCreate = 73
    case ioError = 74
    /// The data folder is in use by another process.
    case temporaryFailure = 75
}

/// A failure to be shown to the user as one clear sentence.
struct CommandFailure: Error {
    let code: ExitCode
    let message: String

    init(_ code: ExitCode, _ message: String) {
        self.code = code
        self.message = message
    }
}

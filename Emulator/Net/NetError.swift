import CUV
import Glibc

/// What can go wrong with sockets and processes. Each description is one sentence with its remedy.
public enum NetError: Error, Sendable, Equatable, CustomStringConvertible {
    case addressInUse(host: String, port: Int)
    case permissionDenied(host: String, port: Int)
    case addressNotAvailable(host: String, port: Int)
    case unknownHost(String)
    case listenFailed(host: String, port: Int, reason: String)
    case connectFailed(host: String, port: Int, reason: String)
    case spawnFailed(executable: String, reason: String)
    /// The kernel does not allow what was to keep the process apart.
    case confinementRefused(reason: String)
    /// The process was killed after `milliseconds`.
    case timedOut(executable: String, milliseconds: Int)
    /// The process was killed because it wrote more than `limit` bytes.
    case outputTooLarge(executable: String, limit: Int)
    /// The process was killed because the Task that waited for it was cancelled.
    case cancelled(executable: String)

    public var description: String {
        switch self {
        case .addressInUse(let host, let port):
            "\(host):\(port) is already in use; stop the program that listens there or choose another port."
        case .permissionDenied(let host, let port):
            "No permission to listen on \(host):\(port); choose a port above 1023 or run with that right."
        case .addressNotAvailable(let host, let port):
            "This machine cannot listen on \(host):\(port); choose one of its own addresses, such as 127.0.0.1."
        case .unknownHost(let host):
            "There is no address for the host '\(host)'; give an IP address, such as 127.0.0.1."
        case .listenFailed(let host, let port, let reason):
            "Listening on \(host):\(port) failed (\(reason)); choose another address or port."
        case .connectFailed(let host, let port, let reason):
            "\(host):\(port) cannot be reached (\(reason)); check that the server there runs."
        case .spawnFailed(let executable, let reason):
            "\(executable) cannot be started (\(reason)); check that the file exists and is executable."
        case .confinementRefused(let reason):
            "The kernel refuses to keep a process apart (\(reason))."
        case .timedOut(let executable, let milliseconds):
            "\(executable) was ended because it took longer than \(milliseconds) ms."
        case .outputTooLarge(let executable, let limit):
            "\(executable) was ended because it wrote more than \(limit) bytes."
        case .cancelled(let executable):
            "\(executable) was ended because nobody waits for it any more."
        }
    }

    /// `code` is negative, as libuv returns it.
    static func listening(host: String, port: Int, code: Int32) -> NetError {
        switch code {
        case -EADDRINUSE: .addressInUse(host: host, port: port)
        case -EACCES, -EPERM: .permissionDenied(host: host, port: port)
        case -EADDRNOTAVAIL: .addressNotAvailable(host: host, port: port)
        default: .listenFailed(host: host, port: port, reason: reason(code))
        }
    }

    /// libuv's words for one of its error codes.
    static func reason(_ code: Int32) -> String { String(cString: uv_strerror(code)) }
}

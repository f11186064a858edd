import Glibc
import Synchronization

/// A file descriptor with an owner: closed when the last reference goes.
public final class OpenFile: Sendable {
    public let descriptor: Int32

    /// Takes over `descriptor`; nobody else may close it.
    public init(adopting descriptor: Int32) { self.descriptor = descriptor }

    /// Opens the file at `path` for reading.
    public init(reading path: String) throws(BodyReadError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BodyReadError(call: "open", errno: errno) }
    }

    deinit { close(descriptor) }
}

/// A request body that outgrew memory and waits in a temporary file.
public final class SpooledBody: Sendable {
    public let path: String
    /// Bytes in the file.
    public let length: Int64
    private let taken = Mutex(false)
    private let remove: @Sendable (String) -> Void

    /// - Parameter remove: removes the file at a path, when nobody has taken it.
    public init(
        path: String, length: Int64, remove: @escaping @Sendable (String) -> Void = { unlink($0) }
    ) {
        self.path = path
        self.length = length
        self.remove = remove
    }

    /// Hands the file to the caller, who must move or remove it. Without this call the file goes
    /// with the last reference to the body.
    public func take() -> String {
        taken.withLock { $0 = true }
        return path
    }

    deinit {
        if !taken.withLock({ $0 }) { remove(path) }
    }
}

/// A body that comes in pieces and whose length nobody knows ahead. Whoever has it reads it once; the emulator's
/// server has the only kind there is.
public protocol StreamedBody: AnyObject, Sendable {}

/// Reading a body from its file failed; `call` names the system call.
public struct BodyReadError: Error, CustomStringConvertible {
    public let call: String
    public let errno: Int32

    public var description: String { "\(call) failed: \(String(cString: strerror(errno)))" }
}

/// What a message carries.
public enum HTTPBody: Sendable {
    case bytes([UInt8])
    /// A request body beyond the server's memory limit.
    case spooled(SpooledBody)
    /// `length` bytes of a file from `offset`, for responses.
    case file(OpenFile, offset: Int64, length: Int64)
    /// Several files and bytes, one after the other, for responses.
    case pieces(PiecedBody)
    /// What comes as it is made, or as it arrives.
    case stream(any StreamedBody)

    public static let empty = HTTPBody.bytes([])

    /// In bytes; -1 for a stream, since nobody knows.
    public var length: Int64 {
        switch self {
        case .stream: -1
        case .bytes(let bytes): Int64(bytes.count)
        case .spooled(let spooled): spooled.length
        case .file(_, _, let length): length
        case .pieces(let body): body.length
        }
    }

    /// The bytes when they are in memory, else nil.
    public var bytes: [UInt8]? {
        if case .bytes(let bytes) = self { bytes } else { nil }
    }

    /// All bytes, from memory or file. A stream is not read this way: the call fails.
    public func readAll() throws(BodyReadError) -> [UInt8] {
        switch self {
        case .stream: throw BodyReadError(call: "pread", errno: ESPIPE)
        case .bytes(let bytes): return bytes
        case .spooled(let spooled):
            return try HTTPBody.read(OpenFile(reading: spooled.path), offset: 0, length: spooled.length)
        case .file(let file, let offset, let length):
            return try HTTPBody.read(file, offset: offset, length: length)
        case .pieces(let body):
            var all: [UInt8] = []
            all.reserveCapacity(Int(body.length))
            for piece in body.pieces {
                switch piece {
                case .bytes(let bytes): all += bytes
                case .file(let path, let offset, let length):
                    all += try HTTPBody.read(OpenFile(reading: path), offset: offset, length: length)
                }
            }
            return all
        }
    }

    private static func read(
        _ file: OpenFile, offset: Int64, length: Int64
    ) throws(BodyReadError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(length))
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(
                    file.descriptor, buffer.baseAddress! + done, buffer.count - done,
                    off_t(offset) + off_t(done))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw BodyReadError(call: "pread", errno: errno) }
            // A file that is shorter than promised is an error, not a short body.
            guard count > 0 else { throw BodyReadError(call: "pread", errno: EIO) }
            done += count
        }
        return bytes
    }
}

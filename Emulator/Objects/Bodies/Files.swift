import Glibc
import HTTPTypes

/// A system call on a file of this module failed.
struct FileError: Error, CustomStringConvertible {
    var call: String
    var code: Int32
    var path: String

    var description: String { "\(call) \(path): \(String(cString: strerror(code)))" }
}

/// Reading and writing whole files in pieces, with memory that does not grow with the file.
enum Files {
    /// Large enough that the system calls vanish beside the hashing, small enough to stay in a cache.
    static let pieceBytes = 256 << 10

    static func open(_ path: String) throws(FileError) -> OpenFile {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(call: "open", code: errno, path: path) }
        return OpenFile(adopting: descriptor)
    }

    /// Hands `length` bytes from `offset` to `body`, piece by piece.
    static func read(
        _ file: OpenFile, offset: Int64, length: Int64, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 16)
        defer { buffer.deallocate() }
        var position = offset
        let end = offset + length
        while position < end {
            let wanted = min(Int64(buffer.count), end - position)
            let count = pread(file.descriptor, buffer.baseAddress, Int(wanted), off_t(position))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw FileError(call: "pread", code: count < 0 ? errno : EIO, path: "object body")
            }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            position += Int64(count)
        }
    }

    /// Hands the whole of a request body to `body`, piece by piece.
    static func read(_ source: HTTPBody, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        switch source {
        case .bytes(let bytes): try bytes.withUnsafeBytes { try body($0) }
        case .spooled(let spooled):
            try read(try open(spooled.path), offset: 0, length: spooled.length, body)
        case .file(let file, let offset, let length):
            try read(file, offset: offset, length: length, body)
        case .pieces(let pieced):
            // One at a time: ten thousand open files would be more than a process may have.
            for piece in pieced.pieces {
                switch piece {
                case .bytes(let bytes): try bytes.withUnsafeBytes { try body($0) }
                case .file(let path, let offset, let length):
                    try read(try open(path), offset: offset, length: length, body)
                }
            }
        case .stream: throw FileError(call: "pread", code: ESPIPE, path: "object body")
        }
    }
}

/// A new file in the staging directory. Removed unless it is taken over.
final class StagedFile {
    let path: String
    private let descriptor: Int32
    private var isTaken = false

    init(in directory: String, name: String) throws(FileError) {
        path = "\(directory)/\(name)"
        descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(call: "open", code: errno, path: path) }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError(call: "write", code: errno, path: path) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Hands the file to the caller, who must move or remove it.
    func take() -> String {
        isTaken = true
        return path
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if descriptor >= 0, !isTaken { unlink(path) }
    }
}

import CUV
import Glibc

/// A system call that failed: its name and `errno`.
public struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
    public let call: String
    public let code: Int32

    public init(call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    public var description: String { "\(call): \(reason)" }

    /// The system's words for `code`, such as `No space left on device`.
    public var reason: String { String(cString: strerror(code)) }
}

/// The raw system calls of the emulator's input and output. Each is repeated on EINTR and throws errno
/// with the call's name. Descriptors are opened close-on-exec, so no child process inherits one.
public enum System {
    /// `mode` counts only when the file is made.
    public static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(SystemError) -> Int32
    {
        try retrying("open") { Glibc.open(path, flags | O_CLOEXEC, mode) }
    }

    /// Never repeated: after EINTR Linux has released the descriptor already.
    public static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    /// Keeps descriptors that this process was started with from the processes that it starts.
    static func keepInheritedDescriptors() {
        for descriptor in Int32(3)..<256 {
            let flags = fcntl(descriptor, F_GETFD)
            if flags >= 0 { _ = fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC) }
        }
    }

    /// Bytes read; 0 at the end of the file.
    public static func pread(
        _ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, offset: Int64
    ) throws(SystemError) -> Int {
        try retrying("pread") { Glibc.pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)) }
    }

    /// Like `pread`, but nil instead of waiting when the bytes are not in the page cache.
    public static func preadCached(
        _ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, offset: Int64
    ) throws(SystemError) -> Int? {
        do {
            return try retrying("preadv2") {
                cuv_read_cached(descriptor, buffer.baseAddress, buffer.count, offset)
            }
        } catch  where error.code == EAGAIN {
            return nil
        }
    }

    /// Whether the byte at `offset` can be read without waiting for a disk.
    static func isCached(_ descriptor: Int32, offset: Int64) throws(SystemError) -> Bool {
        var byte: UInt8 = 0
        // An array would cost an allocation each time.
        let count = cuv_read_cached(descriptor, &byte, 1, offset)
        if count >= 0 { return true }
        let code = errno
        if code == EAGAIN || code == EINTR { return false }
        throw SystemError(call: "preadv2", code: code)
    }

    /// Moves bytes of a file into a socket inside the kernel; nil when the socket takes none now.
    static func sendFile(
        to socket: Int32, from descriptor: Int32, offset: Int64, count: Int
    ) throws(SystemError) -> Int? {
        do {
            return try retrying("sendfile") { cuv_send_file(socket, descriptor, offset, count) }
        } catch  where error.code == EAGAIN {
            return nil
        }
    }

    /// Writes all bytes at the descriptor's position.
    public static func writeAll(
        _ descriptor: Int32, _ bytes: UnsafeRawBufferPointer
    ) throws(SystemError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = try retrying("write") { Glibc.write(descriptor, rest.baseAddress, rest.count) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Like `writeAll` of a buffer.
    public static func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) throws(SystemError) {
        let outcome = bytes.withUnsafeBytes { buffer in
            Result { () throws(SystemError) in try writeAll(descriptor, buffer) }
        }
        try outcome.get()
    }

    public static func unlink(_ path: String) throws(SystemError) {
        _ = try retrying("unlink") { Glibc.unlink(path) }
    }

    /// Sends a signal to one process, or with a negative number to a process group.
    public static func kill(_ process: Int32, _ signal: Int32) throws(SystemError) {
        _ = try retrying("kill") { Glibc.kill(process, signal) }
    }

    /// The first two numbers of the kernel's version; zeros where it says something else.
    public static var kernelVersion: (Int, Int) {
        var name = utsname()
        guard uname(&name) == 0 else { return (0, 0) }
        let release = withUnsafeBytes(of: &name.release) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        let numbers = release.split { !("0"..."9").contains($0) }.prefix(2).compactMap { Int($0) }
        return numbers.count == 2 ? (numbers[0], numbers[1]) : (0, 0)
    }

    private static func retrying<Result: FixedWidthInteger>(
        _ call: String, _ body: () -> Result
    ) throws(SystemError) -> Result {
        while true {
            let result = body()
            if result >= 0 { return result }
            let code = errno
            if code != EINTR { throw SystemError(call: call, code: code) }
        }
    }
}

import CUV
import Glibc

extension TCPConnection {
    /// Sends a part of a file. One buffer goes round, so memory does not grow with the file or with the
    /// peer's slowness. The descriptor must stay open until `done`, which is called once: when the kernel
    /// has all bytes, or when the connection was closed before. A file that is shorter than promised, or
    /// cannot be read, closes the connection: the peer must not take a part for the whole.
    public func sendFile(
        descriptor: Int32, offset: Int64, length: Int64, done: (@EventLoop () -> Void)? = nil
    ) {
        FileTransfer(self, descriptor: descriptor, offset: offset, length: length, done: done).step()
    }
}

@EventLoop private final class FileTransfer {
    private let connection: TCPConnection
    private let descriptor: Int32
    private var offset: Int64
    private var remaining: Int64
    private var done: (@EventLoop () -> Void)?
    /// Only this object has it, so its end may free it on any thread.
    private nonisolated(unsafe) let buffer: UnsafeMutableRawBufferPointer

    private static let chunkBytes: Int64 = 262_144

    init(
        _ connection: TCPConnection, descriptor: Int32, offset: Int64, length: Int64,
        done: (@EventLoop () -> Void)?
    ) {
        self.connection = connection
        self.descriptor = descriptor
        self.offset = offset
        remaining = length
        self.done = done
        buffer = .allocate(byteCount: Int(max(1, min(Self.chunkBytes, length))), alignment: 4_096)
    }

    deinit { buffer.deallocate() }

    /// Reads the next chunk: in place when it is in the page cache, else in the pool.
    func step() {
        guard remaining > 0, !connection.isClosed else { return finish() }
        let chunk = UnsafeMutableRawBufferPointer(
            rebasing: buffer[..<Int(min(Int64(buffer.count), remaining))])
        do throws(SystemError) {
            if let count = try System.preadCached(descriptor, chunk, offset: offset) { return send(count) }
        } catch {
            return send(-1)
        }
        // The pool's thread fills the buffer while nobody else looks at it: `self` waits for the answer.
        let job = ReadJob(descriptor: descriptor, buffer: chunk, offset: offset)
        BlockingWork.submit {
            job.run()
        } then: {
            self.send(job.count)
        }
    }

    private func send(_ count: Int) {
        guard count > 0 else {
            connection.close()
            return finish()
        }
        offset += Int64(count)
        remaining -= Int64(count)
        connection.write(borrowing: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])) { self.step() }
    }

    private func finish() {
        let done = self.done
        self.done = nil
        done?()
    }
}

/// Unchecked: the pool's thread writes `count` and the buffer, the loop reads them afterwards.
private final class ReadJob: @unchecked Sendable {
    private let descriptor: Int32
    private let buffer: UnsafeMutableRawBufferPointer
    private let offset: Int64
    private(set) var count = -1

    init(descriptor: Int32, buffer: UnsafeMutableRawBufferPointer, offset: Int64) {
        self.descriptor = descriptor
        self.buffer = buffer
        self.offset = offset
    }

    func run() { count = (try? System.pread(descriptor, buffer, offset: offset)) ?? -1 }
}

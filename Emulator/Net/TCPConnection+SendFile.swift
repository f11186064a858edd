import CUV
import Glibc

extension TCPConnection {
    /// Sends a part of a file, which the kernel moves into the socket without a copy through this process.
    /// Memory does not grow with the file or with the peer's slowness, and what is not in the page cache is
    /// read in the pool. The descriptor must stay open until `done`, which is called once, maybe before this
    /// returns: when the kernel has all bytes, or when the connection was closed before. A file that is shorter
    /// than promised, or cannot be read, closes the connection: the peer must not take a part for the whole.
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
    private var mayMoveInKernel = true
    /// Only this object has it, so its end may free it on any thread.
    private nonisolated(unsafe) var buffer: UnsafeMutableRawBufferPointer?

    /// Moved by one call; its ends are looked for in the page cache before.
    private static let moveBytes: Int64 = 1 << 20
    /// Moved before other connections get their turn.
    private static let turnBytes: Int64 = 4 << 20
    /// Written through libuv when the socket is full: that is how libuv tells when there is room again.
    private static let waitBytes: Int64 = 16 << 10
    /// Read in the pool at a time.
    private static let readBytes: Int64 = 256 << 10

    init(
        _ connection: TCPConnection, descriptor: Int32, offset: Int64, length: Int64,
        done: (@EventLoop () -> Void)?
    ) {
        self.connection = connection
        self.descriptor = descriptor
        self.offset = offset
        remaining = length
        self.done = done
    }

    deinit { buffer?.deallocate() }

    func step() {
        guard remaining > 0, !connection.isClosed else { return finish() }
        do throws(SystemError) {
            // What waits in libuv's queue has to go first.
            let mayMove = mayMoveInKernel && connection.pendingWriteBytes == 0
            let isCached = try mayMove ? move() : true
            guard remaining > 0 else { return finish() }
            if isCached, try writeCached() { return }
            readAndWrite()
        } catch {
            fail()
        }
    }

    /// Moves bytes into the socket until it is full or the turn is over.
    /// - Returns: false when the next bytes are not in the page cache.
    private func move() throws(SystemError) -> Bool {
        guard let socket = connection.socket else { return true }
        var turn = Self.turnBytes
        while remaining > 0, turn > 0 {
            let wanted = min(remaining, Self.moveBytes)
            guard try System.isCached(descriptor, offset: offset),
                try System.isCached(descriptor, offset: offset + wanted - 1)
            else { return false }
            let moved: Int?
            do throws(SystemError) {
                moved = try System.sendFile(to: socket, from: descriptor, offset: offset, count: Int(wanted))
            } catch  where error.code == EINVAL || error.code == ENOSYS {
                // Not with this file system.
                mayMoveInKernel = false
                return true
            }
            guard let moved else { return true }
            guard moved > 0 else { throw SystemError(call: "sendfile", code: EIO) }
            advance(Int64(moved))
            turn -= Int64(moved)
            if moved < wanted { return true }
        }
        return true
    }

    /// Writes what the page cache has at this place; false when it has nothing.
    private func writeCached() throws(SystemError) -> Bool {
        let chunk = chunk(mayMoveInKernel ? Self.waitBytes : Self.readBytes)
        guard let count = try System.preadCached(descriptor, chunk, offset: offset) else { return false }
        send(count)
        return true
    }

    private func readAndWrite() {
        // The pool's thread fills the buffer while nobody else looks at it: `self` waits for the answer.
        let job = ReadJob(descriptor: descriptor, buffer: chunk(Self.readBytes), offset: offset)
        BlockingWork.submit {
            job.run()
        } then: {
            self.send(job.count)
        }
    }

    /// Room for the next `wanted` bytes, or as many as are left.
    private func chunk(_ wanted: Int64) -> UnsafeMutableRawBufferPointer {
        let count = Int(min(wanted, remaining))
        if let buffer, buffer.count >= count {
            return UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
        }
        buffer?.deallocate()
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 4_096)
        buffer = larger
        return larger
    }

    private func send(_ count: Int) {
        guard count > 0, let buffer else { return fail() }
        advance(Int64(count))
        connection.write(borrowing: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])) { self.step() }
    }

    private func advance(_ count: Int64) {
        offset += count
        remaining -= count
        connection.fileBytesSent += count
    }

    private func fail() {
        connection.close()
        finish()
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

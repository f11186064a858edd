import Bytes
import Clock
import Glibc
import Net

/// The log file of one function. Writes are gathered: a seldom called function's lines are in the file when
/// its invocation ends, a busy one's within ``flushMilliseconds``.
@EventLoop final class FunctionLog {
    static let flushMilliseconds = 100
    /// A flood of output is written as soon as this much has gathered.
    private static let bufferBytes = 262_144

    let path: String
    private let maximumBytes: Int
    private var descriptor: Int32 = -1
    private var size = 0
    private var buffer: [UInt8] = []
    private var lastFlush: UInt64 = 0
    private var timer: LoopTimer?
    /// Bytes that could not be written, for instance on a full disk. Logging never fails an invocation.
    private(set) var lostBytes = 0

    init(path: String, maximumBytes: Int) {
        self.path = path
        self.maximumBytes = maximumBytes
    }

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

    func append(_ text: String) {
        buffer.append(contentsOf: text.utf8)
        afterAppend()
    }

    func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        buffer += bytes
        afterAppend()
    }

    private func afterAppend() {
        if buffer.count >= Self.bufferBytes { flush() } else { flushLater() }
    }

    /// An invocation has ended: whoever reads the log expects it there, unless calls are frequent.
    func invocationEnded() {
        if MonotonicClock.nanoseconds &- lastFlush > UInt64(Self.flushMilliseconds) * 1_000_000 { flush() }
    }

    private func flushLater() {
        guard timer == nil else { return }
        // Not weak: what was the last of a function that is gone is written as well.
        timer = LoopTimer(afterMilliseconds: Self.flushMilliseconds) { [self] in
            timer = nil
            flush()
        }
    }

    func flush() {
        lastFlush = MonotonicClock.nanoseconds
        guard !buffer.isEmpty else { return }
        defer { buffer.removeAll(keepingCapacity: buffer.capacity <= 2 * Self.bufferBytes) }
        guard openIfNeeded() else {
            lostBytes += buffer.count
            return
        }
        size += writeBuffer()
        if size >= maximumBytes { rotate() }
    }

    func close() {
        timer?.cancel()
        timer = nil
        flush()
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    private func writeBuffer() -> Int {
        var written = 0
        buffer.withUnsafeBytes { bytes in
            while written < bytes.count {
                let count = write(descriptor, bytes.baseAddress! + written, bytes.count - written)
                if count > 0 {
                    written += count
                } else if errno != EINTR {
                    break
                }
            }
        }
        lostBytes += buffer.count - written
        return written
    }

    private func openIfNeeded() -> Bool {
        guard descriptor < 0 else { return true }
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return false }
        var status = stat()
        size = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
        return true
    }

    /// One older file is kept, so a function's logs take at most twice `maximumBytes` and one buffer.
    private func rotate() {
        Glibc.close(descriptor)
        descriptor = -1
        rename(path, path + ".1")
    }
}

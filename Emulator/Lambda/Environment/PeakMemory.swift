import Clock
import Glibc

/// The peak resident memory of a process, as the kernel counts it (`VmHWM`, proc(5)).
struct PeakMemory {
    /// Reading costs some 15 µs, more than the rest of a hot invocation's bookkeeping, so a value this fresh
    /// is used again. A peak in between is reported by a later invocation, never lost.
    private static let freshNanoseconds: UInt64 = 500_000_000

    /// Monotonic nanoseconds.
    private(set) var readAt: UInt64 = 0
    private(set) var mebibytes = 0

    mutating func read(pid: Int32, now: UInt64 = MonotonicClock.nanoseconds) -> Int {
        guard readAt == 0 || now &- readAt > Self.freshNanoseconds else { return mebibytes }
        readAt = now
        if let kibibytes = Self.highWaterMark(pid: pid) {
            mebibytes = max(mebibytes, (kibibytes + 1023) / 1024)
        }
        return mebibytes
    }

    /// Without regard to how fresh the last value is.
    mutating func readAnew(pid: Int32, now: UInt64) -> Int {
        readAt = 0
        return read(pid: pid, now: now)
    }

    /// Takes what the process and those that it has started hold now.
    /// - Returns: mebibytes of these bytes.
    mutating func note(bytes: Int) -> Int {
        let now = (bytes + 1_048_575) / 1_048_576
        mebibytes = max(mebibytes, now)
        return now
    }

    /// - Returns: kibibytes; nil once the process has ended.
    static func highWaterMark(pid: Int32) -> Int? {
        guard let status = SmallFile.read("/proc/\(pid)/status") else { return nil }
        for line in status.split(separator: 0x0a) where line.starts(with: "VmHWM:".utf8) {
            return Int(String(decoding: line.filter { (0x30...0x39).contains($0) }, as: UTF8.self))
        }
        return nil
    }
}

/// Files of /proc, which fit one read.
enum SmallFile {
    static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 8192) { buffer, initialised in
            count = Glibc.read(descriptor, buffer.baseAddress!, buffer.count)
            initialised = max(0, count)
        }
        return count >= 0 ? bytes : nil
    }
}

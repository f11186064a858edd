import Glibc

/// The memory of a process and of all that it has started (proc(5)).
enum ProcessTree {
    /// More are not looked at.
    private static let maximumProcesses = 256
    private static let pageBytes = max(4096, Int(sysconf(Int32(_SC_PAGESIZE))))

    /// Bytes in use: all that the first process holds resident, and of the others what they do not share, so
    /// that a library which all of them use counts once.
    /// - Parameter keeper: the process to which orphans go, if it is known.
    /// - Returns: nil once the process has ended.
    static func residentBytes(_ pid: Int32, orphansOf keeper: Int32? = nil) -> Int? {
        guard let own = pages(pid) else { return nil }
        var sum = own.resident
        for other in descendants(pid) + (keeper.map(descendants) ?? []) {
            if let pages = pages(other) { sum += max(0, pages.resident - pages.shared) }
        }
        return sum * pageBytes
    }

    /// What a process has started, directly or not, and is not orphaned.
    static func descendants(_ pid: Int32) -> [Int32] {
        var found = children(pid)
        var index = 0
        while index < found.count, index < maximumProcesses {
            found += children(found[index])
            index += 1
        }
        return found
    }

    private static func pages(_ pid: Int32) -> (resident: Int, shared: Int)? {
        let numbers = numbers("/proc/\(pid)/statm")
        return numbers.count > 2 ? (numbers[1], numbers[2]) : nil
    }

    /// A child belongs to the thread that has started it.
    private static func children(_ pid: Int32) -> [Int32] {
        guard let folder = opendir("/proc/\(pid)/task") else { return [] }
        defer { closedir(folder) }
        var found: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard Int(name) != nil else { continue }
            found += numbers("/proc/\(pid)/task/\(name)/children").map { Int32(truncatingIfNeeded: $0) }
        }
        return found
    }

    private static func numbers(_ path: String) -> [Int] {
        (SmallFile.read(path) ?? []).split { $0 == 0x20 || $0 == 0x0a }
            .compactMap { Int(String(decoding: $0, as: UTF8.self)) }
    }
}

import Glibc

/// Kills a process with all that it has started, so that a script's own children do not stay behind.
enum ProcessTree {
    /// The processes below `pid`, nearest first.
    static func descendants(of pid: Int32) -> [Int32] {
        var found: [Int32] = []
        var next = [pid]
        while let parent = next.popLast() {
            let children = self.children(of: parent)
            found += children
            next += children
        }
        return found
    }

    /// Kills the descendants only; the caller ends the process itself, which it must also await.
    static func killDescendants(of pid: Int32, with signal: Int32 = SIGKILL) {
        for child in descendants(of: pid) { kill(child, signal) }
    }

    private static func children(of pid: Int32) -> [Int32] {
        guard let folder = opendir("/proc/\(pid)/task") else { return [] }
        defer { closedir(folder) }
        var pids: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard Int32(name) != nil, let list = SmallFile.read("/proc/\(pid)/task/\(name)/children") else {
                continue
            }
            pids += list.split(separator: 0x20).compactMap { Int32(String(decoding: $0, as: UTF8.self)) }
        }
        return pids
    }
}

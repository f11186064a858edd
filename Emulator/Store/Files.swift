import CRocksDB
import Glibc

/// The system calls of the store: EINTR retried, failures thrown with the call's name and the path.
enum Files {
    private static func retrying(
        _ call: String, _ path: String, _ body: () -> Int
    ) throws(StoreError) -> Int {
        while true {
            let result = body()
            if result >= 0 { return result }
            if errno != EINTR { throw StoreError.system(call, errno, path) }
        }
    }

    static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(StoreError) -> Int32 {
        Int32(try retrying("open", path) { Int(Glibc.open(path, flags | O_CLOEXEC, mode)) })
    }

    /// Creates a folder; one that exists already is fine. Says whether it is new.
    @discardableResult
    static func makeFolder(_ path: String) throws(StoreError) -> Bool {
        if mkdir(path, 0o700) == 0 { return true }
        let failure = errno
        if failure == EEXIST, isFolder(path) { return false }
        throw StoreError.system("mkdir", failure, path)
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Length in bytes, or nil when there is no such regular file.
    static func length(_ path: String) -> Int64? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int64(status.st_size)
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(StoreError) {
        var offset = 0
        while offset < bytes.count {
            offset += try retrying("write", path) {
                bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + offset, $0.count - offset) }
            }
        }
    }

    static func read(_ path: String, limit: Int) throws(StoreError) -> [UInt8] {
        let descriptor = try open(path, O_RDONLY)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = try retrying("read", path) {
            bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, limit) }
        }
        return Array(bytes.prefix(count))
    }

    /// Fills the buffer from the descriptor's position on; less only at the end of the file.
    static func read(
        _ descriptor: Int32, into buffer: inout [UInt8], path: String
    ) throws(StoreError) -> Int {
        var count = 0
        while count < buffer.count {
            let piece = try retrying("read", path) {
                buffer.withUnsafeMutableBytes {
                    Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count)
                }
            }
            if piece == 0 { break }
            count += piece
        }
        return count
    }

    /// Shortens a file for good.
    static func cut(_ path: String, to length: Int64) throws(StoreError) {
        let descriptor = try open(path, O_WRONLY)
        defer { close(descriptor) }
        _ = try retrying("ftruncate", path) { Int(ftruncate(descriptor, off_t(length))) }
        try sync(descriptor, path: path)
    }

    static func sync(_ descriptor: Int32, path: String) throws(StoreError) {
        _ = try retrying("fsync", path) { Int(fsync(descriptor)) }
    }

    /// Makes creations, renames and removals inside the folder durable.
    static func syncFolder(_ path: String) throws(StoreError) {
        let descriptor = try open(path, O_RDONLY | O_DIRECTORY)
        defer { close(descriptor) }
        try sync(descriptor, path: path)
    }

    static func rename(_ old: String, _ new: String) throws(StoreError) {
        _ = try retrying("rename", old) { Int(Glibc.rename(old, new)) }
    }

    /// Exchanges two folders in one step: at no instant is either name missing.
    static func exchange(_ one: String, _ other: String) throws(StoreError) {
        _ = try retrying("renameat2", one) {
            Int(store_exchange_folders(one, other))
        }
    }

    /// Removes a file; one that is gone already is fine.
    static func unlink(_ path: String) throws(StoreError) {
        if Glibc.unlink(path) == 0 || errno == ENOENT { return }
        throw StoreError.system("unlink", errno, path)
    }

    /// Names in a folder without `.` and `..`; none when the folder does not exist.
    static func list(_ path: String) throws(StoreError) -> [String] {
        guard let folder = opendir(path) else {
            if errno == ENOENT { return [] }
            throw StoreError.system("opendir", errno, path)
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Hard link, or a synced copy where the target lies on another file system.
    static func linkOrCopy(_ old: String, _ new: String) throws(StoreError) {
        if link(old, new) == 0 { return }
        guard errno == EXDEV || errno == EPERM || errno == EMLINK else {
            throw StoreError.system("link", errno, new)
        }
        try copy(old, new)
    }

    /// Copies a file's content to a new file and syncs it.
    static func copy(_ old: String, _ new: String) throws(StoreError) {
        let source = try open(old, O_RDONLY)
        defer { close(source) }
        let target = try open(new, O_WRONLY | O_CREAT | O_EXCL)
        defer { close(target) }
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = try retrying("read", old) {
                buffer.withUnsafeMutableBytes { Glibc.read(source, $0.baseAddress, $0.count) }
            }
            if count == 0 { break }
            try write(Array(buffer.prefix(count)), to: target, path: new)
        }
        try sync(target, path: new)
    }
}

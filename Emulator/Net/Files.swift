import Glibc

/// A file operation that the operating system refused.
public struct FileError: Error, Sendable, CustomStringConvertible {
    public let call: String
    public let path: String
    public let code: Int32

    public var description: String { "\(call) \(path): \(String(cString: strerror(code)))" }

    init(_ call: String, _ path: String) {
        self.call = call
        self.path = path
        code = errno
    }
}

/// Small whole-file operations for start-up, commands and logs; nothing here is on the path of a request.
public enum Files {
    /// Reads at most `limit` bytes from `offset`.
    public static func readFile(_ path: String, offset: Int64 = 0, limit: Int) throws(FileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", path) }
        defer { close(descriptor) }
        if offset > 0, lseek(descriptor, off_t(offset), SEEK_SET) < 0 { throw FileError("lseek", path) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < limit {
            let count = read(descriptor, &chunk, min(chunk.count, limit - bytes.count))
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError("read", path)
            }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[0..<count])
        }
        return bytes
    }

    /// Replaces a file by way of a temporary neighbour, so that readers see the old or the new content.
    public static func writeFile(
        _ path: String, _ bytes: [UInt8], mode: UInt32 = 0o644
    ) throws(FileError) {
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(mode))
        guard descriptor >= 0 else { throw FileError("open", temporary) }
        defer { close(descriptor) }
        do throws(FileError) {
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes {
                    write(descriptor, $0.baseAddress! + sent, $0.count - sent)
                }
                if count < 0 {
                    if errno == EINTR { continue }
                    throw FileError("write", temporary)
                }
                sent += count
            }
            guard rename(temporary, path) == 0 else { throw FileError("rename", path) }
        } catch {
            // On a full disk, of all places, nothing must stay behind.
            unlink(temporary)
            throw error
        }
    }

    /// Copies a file with its permissions to where there is none; the copy is there whole, or not at all.
    public static func copyFile(_ source: String, to target: String) throws(FileError) {
        var status = stat()
        guard stat(source, &status) == 0 else { throw FileError("stat", source) }
        let bytes = try readFile(source, limit: Int(status.st_size) + 1)
        try writeFile(target, bytes, mode: status.st_mode & 0o777)
    }

    /// What changes with a file's content; nil when there is no such file.
    public static func stamp(_ path: String) -> FileStamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return FileStamp(
            inode: UInt64(status.st_ino), size: Int64(status.st_size), seconds: Int64(status.st_mtim.tv_sec),
            nanoseconds: Int64(status.st_mtim.tv_nsec))
    }

    /// Makes a folder and the ones above it.
    public static func makeDirectories(_ path: String) throws(FileError) {
        var partial = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            partial += partial.isEmpty || partial.hasSuffix("/") ? part : "/\(part)"
            if mkdir(partial, 0o755) != 0, errno != EEXIST { throw FileError("mkdir", partial) }
        }
        guard access(path, W_OK | X_OK) == 0 else { throw FileError("access", path) }
    }

    /// The path from the root, without links; nil when there is no such file.
    public static func absolute(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The path from the root, whether there is such a file or not.
    public static func rooted(_ path: String) -> String {
        guard !path.hasPrefix("/"), let here = absolute(".") else { return path }
        return "\(here)/\(path)"
    }

    /// Makes a folder of its own that only this user can open, inside `base`.
    public static func makeTemporaryDirectory(in base: String) throws(FileError) -> String {
        var template = Array("\(base)/mumble-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FileError("mkdtemp", base) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes a folder with all that is in it; links are removed, never followed, the folder itself included.
    public static func removeTree(_ path: String) {
        var own = stat()
        guard lstat(path, &own) == 0, own.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                guard name != ".", name != ".." else { continue }
                let child = path + "/" + name
                var status = stat()
                if lstat(child, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                    removeTree(child)
                } else {
                    unlink(child)
                }
            }
            closedir(directory)
        }
        rmdir(path)
    }

    /// Names in a folder without `.` and `..`, in no order; none when there is no such folder.
    public static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Bytes of all files in a folder and below.
    public static func treeSize(_ path: String) -> Int64 {
        names(in: path).reduce(0) { sum, name in
            let child = "\(path)/\(name)"
            return sum + (isDirectory(child) ? treeSize(child) : fileSize(child) ?? 0)
        }
    }

    /// Renames a file or folder and syncs the folder that holds it.
    public static func move(_ old: String, to new: String) throws(FileError) {
        guard Glibc.rename(old, new) == 0 else { throw FileError("rename", new) }
        try sync("\(new)/..")
    }

    /// Makes a file's content, or the names in a folder, survive a power cut.
    public static func sync(_ path: String) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError("fsync", path) }
    }

    /// Takes an exclusive lock that ends with this process or with ``unlock(_:)``; nil when another holds it.
    public static func lock(_ path: String) throws(FileError) -> Int32? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("open", path) }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return descriptor }
        let isHeld = errno == EWOULDBLOCK
        defer { close(descriptor) }
        guard isHeld else { throw FileError("flock", path) }
        return nil
    }

    public static func unlock(_ descriptor: Int32) {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    public static func removeFile(_ path: String) { unlink(path) }

    public static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0
    }

    /// What a symbolic link says; nil for anything else.
    public static func linkText(_ path: String) -> String? {
        var text = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = text.withUnsafeMutableBytes { buffer in
            readlink(path, buffer.assumingMemoryBound(to: CChar.self).baseAddress!, buffer.count)
        }
        return count >= 0 ? String(decoding: text[..<count], as: UTF8.self) : nil
    }

    /// Does nothing to a folder that holds something.
    public static func removeEmptyFolder(_ path: String) { rmdir(path) }

    public static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether it is a folder itself, not a link to one.
    public static func isOwnDirectory(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// A regular file that this user may execute.
    public static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }

    /// Bytes; nil when there is no such file.
    public static func fileSize(_ path: String) -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }
}

/// A file's identity and the moment of its last change.
public struct FileStamp: Sendable, Hashable {
    let inode: UInt64
    let size: Int64
    /// Since 1970.
    public let seconds: Int64
    let nanoseconds: Int64

    /// Whether its last change came after the other file's.
    public func isNewer(than other: FileStamp) -> Bool {
        (seconds, nanoseconds) > (other.seconds, other.nanoseconds)
    }
}

/// Facts about this process and its neighbours.
public enum ProcessFacts {
    /// When a process was started, in clock ticks since the machine was (field 22 of `/proc/PID/stat`); nil when
    /// there is no such process.
    public static func startTime(_ pid: Int32) -> String? {
        guard let bytes = try? Files.readFile("/proc/\(pid)/stat", limit: 4_096) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        // The name in parentheses may hold spaces, so counting starts behind it.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? String(fields[19]) : nil
    }

    /// The environment of this process.
    public static func environment() -> [String: String] {
        var result: [String: String] = [:]
        var pointer = environ
        while let entry = pointer.pointee {
            let text = String(cString: entry)
            if let index = text.firstIndex(of: "=") {
                result[String(text[..<index])] = String(text[text.index(after: index)...])
            }
            pointer += 1
        }
        return result
    }

    /// The folder of this program's file.
    public static func executableDirectory() -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes {
            readlink("/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        guard count > 0 else { return "." }
        let path = String(decoding: buffer[0..<count], as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    /// Milliseconds since this process was started, by the kernel's own record of it (10 ms steps in
    /// `/proc/self/stat`, field 22, against the boot clock).
    public static var ageMilliseconds: Int {
        guard let ticks = startTime(getpid()).flatMap({ Int($0) }) else { return 0 }
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        let started = ticks * 1_000 / max(1, sysconf(Int32(_SC_CLK_TCK)))
        return max(0, now.tv_sec * 1_000 + now.tv_nsec / 1_000_000 - started)
    }
}

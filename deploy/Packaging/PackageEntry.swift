import Glibc

/// One file of a package, checked and measured before anything is written.
struct PackageEntry {
    let name: String
    let path: String
    /// Unix permission bits. Lambda unpacks as another user, so all may read.
    let mode: UInt32
    /// Bytes, not compressed.
    let size: Int

    /// - Parameter mode: nil takes 0755 or 0644 from the file's own execute bit.
    init(name: String, path: String, mode: UInt32?) throws(PackagingError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .unreadable(path: path, reason: reason(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(path: path, reason: "not a regular file")
        }
        guard access(path, R_OK) == 0 else { throw .unreadable(path: path, reason: reason(errno)) }
        self.name = name
        self.path = path
        self.mode = mode ?? (status.st_mode & S_IXUSR == 0 ? 0o644 : 0o755)
        self.size = Int(status.st_size)
    }

    /// Refuses names that would leave the folder they are unpacked in, or that unpackers read differently.
    static func check(name: String) throws(PackagingError) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains("") else {
            throw .invalidName(name: name, reason: "names are relative, with no empty part")
        }
        guard !parts.contains("."), !parts.contains("..") else {
            throw .invalidName(name: name, reason: "'.' and '..' are not allowed")
        }
        guard !name.utf8.contains(where: { $0 == 0x5c || $0 < 0x20 || $0 == 0x7f }) else {
            throw .invalidName(name: name, reason: "backslashes and control characters are not allowed")
        }
        guard name.utf8.count <= 0xffff else {
            throw .invalidName(name: "\(name.prefix(32))...", reason: "longer than 65,535 bytes")
        }
    }
}

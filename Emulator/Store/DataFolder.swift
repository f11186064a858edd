import Glibc

/// The folder's layout, its lock and its format version.
///
///     FORMAT    text: name and version     LOCK     held while a process uses the folder
///     CLEAN     only after a clean close   db/      RocksDB
///     blobs/    xx/yy/<id>                 staging/ files not yet adopted
final class DataFolder: @unchecked Sendable {
    static let supportedVersion = 1
    private static let formatName = "store-format"
    private static let patienceMilliseconds = 2_000

    let path: String
    private var lockDescriptor: Int32 = -1
    /// Whether the last user of the folder closed it in good order.
    private(set) var wasClean = false

    var database: String { "\(path)/db" }
    var blobs: String { "\(path)/blobs" }
    var staging: String { "\(path)/staging" }
    private var format: String { "\(path)/FORMAT" }
    private var cleanMarker: String { "\(path)/CLEAN" }

    init(_ path: String) { self.path = path }

    deinit { unlock() }

    /// Creates what is missing, checks the version and takes the lock.
    func open(_ faults: FaultInjector) throws(StoreError) {
        do {
            try makePath()
            lockDescriptor = try Files.open("\(path)/LOCK", O_RDWR | O_CREAT)
        } catch {
            guard case .io(let call, let number, let place) = error else { throw error }
            throw .notWritable(path: path, reason: "\(call) \(place): \(String(cString: strerror(number)))")
        }
        try lock()
        if Files.exists(format) {
            try checkFormat()
        } else {
            try refuseForeignFiles()
            syncAncestors()
            try Self.writeFormat(in: path, faults)
        }
        for folder in [blobs, staging] { try Files.makeFolder(folder) }
        wasClean = Files.exists(cleanMarker)
        try faults.reach(.cleanMarkerRemove)
        try Files.unlink(cleanMarker)
        // From here on a crash must be seen as one.
        try Files.syncFolder(path)
    }

    /// A process that was killed may leave a child between fork and exec, which holds the lock for another moment, and
    /// takes one itself to end: only a lock that lasts is somebody's.
    private func lock() throws(StoreError) {
        for _ in 0..<(Self.patienceMilliseconds / 10) {
            if flock(lockDescriptor, LOCK_EX | LOCK_NB) == 0 { return }
            guard errno == EWOULDBLOCK else { throw .system("flock", errno, path) }
            usleep(10_000)
        }
        throw .locked(path: path)
    }

    func unlock() {
        guard lockDescriptor >= 0 else { return }
        // Closing alone is not enough: a child between fork and exec still holds the same open file.
        flock(lockDescriptor, LOCK_UN)
        close(lockDescriptor)
        lockDescriptor = -1
    }

    /// Failing to leave the mark costs a sweep at the next start, nothing else.
    func markClean(_ faults: FaultInjector) {
        do throws(StoreError) {
            try faults.reach(.cleanMarkerWrite)
            close(try Files.open(cleanMarker, O_WRONLY | O_CREAT))
            try Files.syncFolder(path)
        } catch {}
    }

    private func makePath() throws(StoreError) {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            prefix += prefix.isEmpty || prefix == "/" ? part : "/\(part)"
            if Files.isFolder(prefix) { continue }
            try Files.makeFolder(prefix)
            // POSIX promises a new folder's survival only when the folder that holds it is synced.
            try Files.syncFolder("\(prefix)/..")
        }
    }

    /// Whoever made the folders above may not have synced them. Without a FORMAT nothing has been acknowledged
    /// yet, so this is the time. Folders that cannot be opened or synced are not ours.
    private func syncAncestors() {
        var prefix = path.hasPrefix("/") ? "/" : "./"
        for part in path.split(separator: "/") {
            try? Files.syncFolder(prefix)
            prefix += "\(part)/"
        }
    }

    // MARK: Format

    func checkFormat() throws(StoreError) {
        let text = String(decoding: try Files.read(format, limit: 256), as: UTF8.self)
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, words[0] == Self.formatName, let found = Int(words[1]), found > 0 else {
            throw .corrupt("\(format) does not name a format")
        }
        guard found <= Self.supportedVersion else {
            throw .newerVersion(found: found, supported: Self.supportedVersion, path: path)
        }
    }

    /// The names below are emptied or written, so they must be ours.
    private func refuseForeignFiles() throws(StoreError) {
        for folder in [database, blobs, staging] where Files.exists(folder) {
            throw .corrupt("\(path) holds \(folder) but no FORMAT file; it is not a data folder")
        }
    }

    static func writeFormat(in path: String, _ faults: FaultInjector) throws(StoreError) {
        let temporary = "\(path)/FORMAT.new"
        let descriptor = try Files.open(temporary, O_WRONLY | O_CREAT | O_TRUNC)
        defer { close(descriptor) }
        try faults.reach(.formatWrite)
        try Files.write(Array("\(formatName) \(supportedVersion)\n".utf8), to: descriptor, path: temporary)
        try faults.reach(.formatSync)
        try Files.sync(descriptor, path: temporary)
        try faults.reach(.formatRename)
        try Files.rename(temporary, "\(path)/FORMAT")
        try faults.reach(.folderSync)
        try Files.syncFolder(path)
    }

    // MARK: Space

    /// How much the next open would have to replay.
    func logBytes() throws(StoreError) -> Int64 {
        var sum: Int64 = 0
        for name in try Files.list(database) where name.hasSuffix(".log") {
            sum += Files.length("\(database)/\(name)") ?? 0
        }
        return sum
    }

    /// Throws `.diskFull` unless there is room to reopen the database, which writes out as a table what of
    /// its log does not fit into a write buffer.
    func probeSpace() throws(StoreError) {
        let needed = max(0, try logBytes() - Int64(EngineOptions.writeBuffer)) + (256 << 10)
        let probe = "\(path)/PROBE"
        let descriptor = try Files.open(probe, O_WRONLY | O_CREAT | O_TRUNC)
        defer {
            close(descriptor)
            _ = Glibc.unlink(probe)
        }
        let failure = posix_fallocate(descriptor, 0, off_t(needed))
        guard failure == 0 else { throw .system("posix_fallocate", failure, probe) }
    }
}

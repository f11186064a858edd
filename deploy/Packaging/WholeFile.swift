import Bytes
import Glibc

/// Files that are there whole, or not at all, even when the process is killed while it writes or the machine
/// stops.
enum WholeFile {
    static func read(_ path: String, size: Int) throws(PackagingError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path: path, reason: reason(errno)) }
        defer { close(descriptor) }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = Glibc.read(descriptor, buffer.baseAddress! + count, size - count)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { break }
                count += got
            }
        }
        guard failure == 0 else { throw .unreadable(path: path, reason: reason(failure)) }
        guard bytes.count == size else {
            throw .unreadable(path: path, reason: "it shrinks while it is read")
        }
        return bytes
    }

    /// Replaces `path`. The bytes are durable before they have a name.
    static func write(_ bytes: [UInt8], to path: String) throws(PackagingError) {
        var status = stat()
        // rename(2) would say so, but only after all the work.
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw .unwritable(path: path, reason: reason(EISDIR))
        }
        // A name of its own for each writer: two packagers at once must not tear each other's file.
        let partial = "\(path).\(getpid())-\(UUID4.make()).partial"
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let (descriptor, isNameless) = try create(partial, in: folder, for: path)
        defer { close(descriptor) }
        do throws(PackagingError) {
            try fill(descriptor, with: bytes, path: path)
            let source = "/proc/self/fd/\(descriptor)"
            if isNameless, linkat(AT_FDCWD, source, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 {
                return sync(folder)
            }
            // Where an older file is, this one needs a name before it can take its place.
            if isNameless {
                try check(linkat(AT_FDCWD, source, AT_FDCWD, partial, AT_SYMLINK_FOLLOW), path)
            }
            try check(rename(partial, path), path)
        } catch {
            unlink(partial)
            throw error
        }
        sync(folder)
    }

    /// A new name is durable with its folder.
    private static func sync(_ folder: String) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// On Linux a file without a name, which ends with the process that writes it; where the file system has
    /// none, one with a temporary name.
    private static func create(
        _ partial: String, in folder: String, for path: String
    ) throws(PackagingError) -> (descriptor: Int32, isNameless: Bool) {
        #if os(Linux)
            // O_TMPFILE, which is no simple number in the headers.
            let nameless = open(folder, 0o20000000 | O_DIRECTORY | O_WRONLY | O_CLOEXEC, 0o644)
            if nameless >= 0 { return (nameless, true) }
        #endif
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        try check(descriptor, path)
        return (descriptor, false)
    }

    private static func fill(_ descriptor: Int32, with bytes: [UInt8], path: String) throws(PackagingError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress! + done, $0.count - done)
            }
            if count < 0, errno == EINTR { continue }
            try check(Int32(clamping: count), path)
            done += count
        }
        try check(fsync(descriptor), path)
    }

    private static func check(_ result: Int32, _ path: String) throws(PackagingError) {
        guard result < 0 else { return }
        switch errno {
        case ENOSPC, EDQUOT: throw .diskFull(path: path)
        default: throw .unwritable(path: path, reason: reason(errno))
        }
    }
}

/// The system's words for an error number.
func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

import Glibc

/// Unpacks a zip into a folder, whatever the zip may try: nothing is written outside of the folder, and not more
/// than the limit.
package enum ZipUnpacker {
    /// - Parameters:
    ///   - zip: path of the zip.
    ///   - folder: exists; may already hold what another zip (a lower layer) has put there, which is replaced.
    ///   - limit: bytes that all files together must stay below.
    /// - Returns: the bytes that were written.
    package static func unpack(_ zip: String, into folder: String, limit: Int) throws(CodeFault) -> Int {
        let reader = try ZipReader(path: zip)
        let entries = try reader.entries(limit: limit)
        var written = 0
        var folders: [(path: String, mode: UInt32)] = []
        for entry in entries where entry.kind == .folder {
            try makeFolders(entry.name.parts[...], in: folder)
            folders.append(("\(folder)/\(entry.name.path)", entry.mode))
        }
        for entry in entries where entry.kind == .file {
            try makeFolders(entry.name.parts.dropLast(), in: folder)
            try write(entry, of: reader, to: "\(folder)/\(entry.name.path)", &written, limit: limit)
        }
        // Last, so that nothing is written through them.
        var links: [String] = []
        for entry in entries where entry.kind == .link {
            try makeFolders(entry.name.parts.dropLast(), in: folder)
            let path = "\(folder)/\(entry.name.path)"
            try link(entry, of: reader, at: path)
            links.append(path)
        }
        try checkLinks(links, in: folder)
        // Folders have to be open to their owner, or nobody could remove what is in them.
        for (path, mode) in folders { chmod(path, mode_t(mode | 0o700)) }
        return written
    }

    private static func makeFolders(_ parts: ArraySlice<String>, in folder: String) throws(CodeFault) {
        var path = folder
        for part in parts {
            path += "/\(part)"
            if mkdir(path, 0o755) == 0 { continue }
            let failure = errno
            var status = stat()
            guard failure == EEXIST, lstat(path, &status) == 0 else { throw machine(path, failure) }
            if status.st_mode & S_IFMT == S_IFDIR { continue }
            // A lower layer has something else there: the upper one wins.
            guard unlink(path) == 0, mkdir(path, 0o755) == 0 else { throw machine(path, errno) }
        }
    }

    private static func write(
        _ entry: ZipReader.Entry, of reader: ZipReader, to path: String, _ written: inout Int, limit: Int
    ) throws(CodeFault) {
        let descriptor = try create(path, entry)
        defer { close(descriptor) }
        var sum = written
        try reader.read(entry) { (bytes) throws(CodeFault) in
            sum += bytes.count
            guard sum < limit else { throw .tooLarge(limit: limit) }
            var sent = 0
            while sent < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress! + sent, bytes.count - sent)
                if count < 0 {
                    if errno == EINTR { continue }
                    throw machine(path, errno)
                }
                sent += count
            }
        }
        written = sum
        // Now, for the file had to be writable whatever its mode says.
        guard fchmod(descriptor, mode_t(entry.mode)) == 0 else { throw machine(path, errno) }
    }

    private static func create(_ path: String, _ entry: ZipReader.Entry) throws(CodeFault) -> Int32 {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = open(path, flags, 0o600)
        if descriptor >= 0 { return descriptor }
        guard errno == EEXIST else { throw machine(path, errno) }
        // From a lower layer; on a file system that does not tell `A` from `a`, from this zip.
        var status = stat()
        if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw .refused(
                "The entry '\(ZipEntryName.shown(entry.name.path))' has the name of a folder of a lower layer."
            )
        }
        unlink(path)
        let again = open(path, flags, 0o600)
        guard again >= 0 else { throw machine(path, errno) }
        return again
    }

    private static func link(
        _ entry: ZipReader.Entry, of reader: ZipReader, at path: String
    ) throws(CodeFault) {
        var target: [UInt8] = []
        try reader.read(entry) { (bytes) throws(CodeFault) in
            guard target.count + bytes.count < 4_096 else { throw .unreadable }
            target += bytes
        }
        let text = String(decoding: target, as: UTF8.self)
        guard entry.name.mayLink(to: text) else { throw leadsOut(entry.name.path) }
        if symlink(text, path) == 0 { return }
        guard errno == EEXIST else { throw machine(path, errno) }
        unlink(path)
        guard symlink(text, path) == 0 else { throw machine(path, errno) }
    }

    /// Where links really lead, now that all of them are there. One that leads to nothing harms nobody.
    private static func checkLinks(_ links: [String], in folder: String) throws(CodeFault) {
        guard !links.isEmpty, let root = resolved(folder) else { return }
        for link in links {
            guard let place = resolved(link), place != root, !place.utf8.starts(with: (root + "/").utf8)
            else { continue }
            throw leadsOut(String(link.dropFirst(folder.count + 1)))
        }
    }

    private static func resolved(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    private static func leadsOut(_ name: String) -> CodeFault {
        .refused("The link '\(ZipEntryName.shown(name))' leads out of the package.")
    }

    private static func machine(_ path: String, _ code: Int32) -> CodeFault {
        if code == ENAMETOOLONG { return .refused("The name of an entry is too long.") }
        return .machine("\(path): \(String(cString: strerror(code)))")
    }
}

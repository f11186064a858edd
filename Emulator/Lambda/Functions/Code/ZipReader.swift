import CZip
import Glibc

/// Reads a zip by libzip. One thread uses it.
final class ZipReader {
    /// What the directory of a zip says of one entry.
    struct Entry {
        var index: UInt64
        var name: ZipEntryName
        /// Bytes, as far as the directory is to be believed.
        var size: UInt64
        var kind: Kind
        /// Permission bits.
        var mode: UInt32
    }

    enum Kind: Equatable { case file, folder, link }

    private let archive: OpaquePointer

    /// - Throws: `unreadable` when the file is no zip.
    init(path: String) throws(CodeFault) {
        var code: Int32 = 0
        guard let opened = zip_open(path, ZIP_RDONLY, &code) else {
            guard code == ZIP_ER_OPEN || code == ZIP_ER_MEMORY || code == ZIP_ER_READ else {
                throw .unreadable
            }
            throw .machine("\(path) cannot be read")
        }
        archive = opened
    }

    deinit { zip_discard(archive) }

    /// All entries in the order of the zip's directory, which is checked: no name twice, none below a file or a
    /// link, nothing encrypted, no devices, not too much of it.
    func entries(limit: Int) throws(CodeFault) -> [Entry] {
        let count = zip_get_num_entries(archive, 0)
        guard count > 0 else { throw .empty }
        guard count <= CodeLimits.entries else {
            throw .refused("It has \(count) entries; at most \(CodeLimits.entries) are taken.")
        }
        var entries: [Entry] = []
        var kinds: [[UInt8]: Kind] = [:]
        var sum: UInt64 = 0
        for index in 0..<UInt64(count) {
            let entry = try entry(index)
            // The folder itself.
            if entry.name.parts.isEmpty { continue }
            (sum, _) = sum.addingReportingOverflow(entry.kind == .folder ? 0 : entry.size)
            guard sum < UInt64(limit), entry.size < UInt64(limit) else { throw .tooLarge(limit: limit) }
            let key = entry.name.key
            if let other = kinds[key], other != .folder || entry.kind != .folder {
                throw .refused("The entry '\(ZipEntryName.shown(entry.name.path))' is there twice.")
            }
            kinds[key] = entry.kind
            entries.append(entry)
        }
        try checkFolders(of: entries, kinds)
        return entries
    }

    /// Nothing lies below what is no folder. Folders that only names of others tell of count as entries do: a few
    /// bytes could ask for 64 of them.
    private func checkFolders(of entries: [Entry], _ kinds: [[UInt8]: Kind]) throws(CodeFault) {
        var implied: Set<[UInt8]> = []
        for entry in entries {
            // From below, so that what is known already is not gone through again.
            var parents = entry.name.parts.dropLast()
            while !parents.isEmpty {
                let key = Array(parents.joined(separator: "/").utf8)
                if let above = kinds[key] {
                    if above == .folder { break }
                    throw .refused(
                        "The entry '\(ZipEntryName.shown(entry.name.path))' lies below another one that is no folder."
                    )
                }
                guard implied.insert(key).inserted else { break }
                guard entries.count + implied.count <= CodeLimits.entries else {
                    throw .refused("It has more than \(CodeLimits.entries) files and folders.")
                }
                parents.removeLast()
            }
        }
    }

    private func entry(_ index: UInt64) throws(CodeFault) -> Entry {
        var status = zip_stat_t()
        zip_stat_init(&status)
        guard zip_stat_index(archive, index, 0, &status) == 0, let text = status.name else {
            throw .unreadable
        }
        let name = try ZipEntryName(String(cString: text))
        let shown = ZipEntryName.shown(name.path)
        if status.valid & UInt64(ZIP_STAT_ENCRYPTION_METHOD) != 0, status.encryption_method != 0 {
            throw .refused("The entry '\(shown)' is encrypted.")
        }
        let size = status.valid & UInt64(ZIP_STAT_SIZE) != 0 ? status.size : 0
        var system: UInt8 = 0
        var attributes: UInt32 = 0
        zip_file_get_external_attributes(archive, index, 0, &system, &attributes)
        // The high half is st_mode, where a Unix program made the zip; others say nothing of permissions, and
        // nobody may execute what they packed.
        let isUnix = [UInt32(ZIP_OPSYS_UNIX), UInt32(ZIP_OPSYS_OS_X)].contains(UInt32(system))
        let mode = isUnix ? attributes >> 16 : 0
        let bits = mode & 0o777
        let kind: Kind
        switch mode & UInt32(S_IFMT) {
        case UInt32(S_IFLNK): kind = .link
        case UInt32(S_IFDIR): kind = .folder
        case UInt32(S_IFREG), 0: kind = name.isFolder ? .folder : .file
        default: throw .refused("The entry '\(shown)' is neither file, folder nor link.")
        }
        if kind != .folder, name.isFolder {
            throw .refused("The entry '\(shown)' has a folder's name and is none.")
        }
        let usual: UInt32 = kind == .folder ? 0o755 : 0o644
        return Entry(index: index, name: name, size: size, kind: kind, mode: bits == 0 ? usual : bits)
    }

    /// Unpacks one entry piece by piece.
    /// - Parameter body: takes each piece; what it throws ends the reading.
    func read(
        _ entry: Entry, _ body: (UnsafeRawBufferPointer) throws(CodeFault) -> Void
    ) throws(CodeFault) {
        guard let file = zip_fopen_index(archive, entry.index, 0) else { throw .unreadable }
        defer { zip_fclose(file) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = zip_fread(file, buffer.baseAddress, UInt64(buffer.count))
            // Also when the bytes do not have the checksum that the directory says.
            guard count >= 0 else { throw .unreadable }
            if count == 0 { return }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<Int(count)]))
        }
    }
}

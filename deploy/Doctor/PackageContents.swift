import CZip
import Glibc

/// What a zip holds, as far as Lambda looks at it.
public struct PackageContents: Sendable {
    public struct Entry: Sendable, Equatable {
        public let name: String
        /// Bytes once unpacked.
        public let size: Int
        /// Permission bits; nil when the zip was made on a system that has none.
        public let mode: UInt32?

        public init(name: String, size: Int, mode: UInt32?) {
            self.name = name
            self.size = size
            self.mode = mode
        }
    }

    /// Why a file is no zip that could be read.
    public struct Unreadable: Error, Equatable, CustomStringConvertible {
        public let description: String
    }

    /// Bytes of the file.
    public let zippedBytes: Int
    public let entries: [Entry]
    /// The content of `bootstrap`; nil when there is none at the root.
    public let bootstrap: [UInt8]?

    /// More is no program.
    private static let largestBootstrap = 300 << 20

    public init(zippedBytes: Int, entries: [Entry], bootstrap: [UInt8]?) {
        self.zippedBytes = zippedBytes
        self.entries = entries
        self.bootstrap = bootstrap
    }

    public init(reading path: String) throws(Unreadable) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw Unreadable(description: String(cString: strerror(errno)))
        }
        var code: Int32 = 0
        guard let archive = zip_open(path, ZIP_RDONLY, &code) else {
            throw Unreadable(
                description: code == ZIP_ER_NOZIP ? "it is no zip file" : "libzip's error \(code)")
        }
        defer { zip_discard(archive) }
        var entries: [Entry] = []
        var bootstrap: [UInt8]?
        for index in 0..<UInt64(max(0, zip_get_num_entries(archive, 0))) {
            var facts = zip_stat_t()
            zip_stat_init(&facts)
            guard zip_stat_index(archive, index, 0, &facts) == 0, let text = facts.name else {
                throw Unreadable(description: "entry \(index) of its directory is damaged")
            }
            let name = String(cString: text)
            let entry = Entry(name: name, size: Int(clamping: facts.size), mode: Self.mode(archive, index))
            entries.append(entry)
            if name == "bootstrap" { bootstrap = try Self.content(archive, index, entry.size) }
        }
        self.init(zippedBytes: Int(status.st_size), entries: entries, bootstrap: bootstrap)
    }

    private static func mode(_ archive: OpaquePointer, _ index: UInt64) -> UInt32? {
        var system: UInt8 = 0
        var attributes: UInt32 = 0
        guard zip_file_get_external_attributes(archive, index, 0, &system, &attributes) == 0,
            system == UInt8(ZIP_OPSYS_UNIX)
        else { return nil }
        return attributes >> 16 & 0o7777
    }

    private static func content(
        _ archive: OpaquePointer, _ index: UInt64, _ size: Int
    ) throws(Unreadable) -> [UInt8] {
        guard size <= largestBootstrap, let file = zip_fopen_index(archive, index, 0) else {
            throw Unreadable(description: "its bootstrap cannot be unpacked")
        }
        defer { zip_fclose(file) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = zip_fread(file, &chunk, UInt64(chunk.count))
            guard count >= 0 else { throw Unreadable(description: "its bootstrap is damaged") }
            if count == 0 { return bytes }
            bytes += chunk[0..<Int(count)]
        }
    }
}

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
    /// Contents of shared libraries where Lambda's loader looks for them, by their names: at the root, else in `lib`.
    public let libraries: [String: [UInt8]]

    /// More is no program.
    public static let largestBootstrap = 300 << 20

    public init(
        zippedBytes: Int, entries: [Entry], bootstrap: [UInt8]?, libraries: [String: [UInt8]] = [:]
    ) {
        self.zippedBytes = zippedBytes
        self.entries = entries
        self.bootstrap = bootstrap
        self.libraries = libraries
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
        var libraries: [String: [UInt8]] = [:]
        var room = Self.largestBootstrap
        for index in 0..<UInt64(max(0, zip_get_num_entries(archive, 0))) {
            var facts = zip_stat_t()
            zip_stat_init(&facts)
            guard zip_stat_index(archive, index, 0, &facts) == 0, let text = facts.name else {
                throw Unreadable(description: "entry \(index) of its directory is damaged")
            }
            let name = String(cString: text)
            let entry = Entry(name: name, size: Int(clamping: facts.size), mode: Self.mode(archive, index))
            entries.append(entry)
            if name == "bootstrap" { bootstrap = try Self.content(archive, index, entry) }
            // What is larger than all that Lambda takes has a finding of its own.
            if let library = Self.library(name), entry.size <= room, !Self.isLink(archive, index) {
                room -= entry.size
                let bytes = try Self.content(archive, index, entry)
                if name == library || libraries[library] == nil { libraries[library] = bytes }
            }
        }
        self.init(
            zippedBytes: Int(status.st_size), entries: entries, bootstrap: bootstrap, libraries: libraries)
    }

    /// The name under which a loader finds an entry; nil for what is no shared library, or lies elsewhere.
    private static func library(_ name: String) -> String? {
        let file = name.hasPrefix("lib/") ? name.dropFirst(4) : name[...]
        guard !file.contains("/"), file.hasSuffix(".so") || file.contains(".so.") else { return nil }
        return String(file)
    }

    private static func isLink(_ archive: OpaquePointer, _ index: UInt64) -> Bool {
        attributes(archive, index).map { $0 & S_IFMT == S_IFLNK } ?? false
    }

    private static func mode(_ archive: OpaquePointer, _ index: UInt64) -> UInt32? {
        attributes(archive, index).map { $0 & 0o7777 }
    }

    /// Type and permissions as stat(2) has them.
    private static func attributes(_ archive: OpaquePointer, _ index: UInt64) -> UInt32? {
        var system: UInt8 = 0
        var attributes: UInt32 = 0
        guard zip_file_get_external_attributes(archive, index, 0, &system, &attributes) == 0,
            system == UInt8(ZIP_OPSYS_UNIX)
        else { return nil }
        return attributes >> 16
    }

    private static func content(
        _ archive: OpaquePointer, _ index: UInt64, _ entry: Entry
    ) throws(Unreadable) -> [UInt8] {
        guard entry.size <= largestBootstrap, let file = zip_fopen_index(archive, index, 0) else {
            throw Unreadable(description: "its \(entry.name) cannot be unpacked")
        }
        defer { zip_fclose(file) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entry.size)
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = zip_fread(file, &chunk, UInt64(chunk.count))
            guard count >= 0 else { throw Unreadable(description: "its \(entry.name) is damaged") }
            if count == 0 { return bytes }
            bytes += chunk[0..<Int(count)]
        }
    }
}

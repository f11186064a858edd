import Clock
import JSON
import Net
import Store

/// The saved states of a data folder: `DATA/snapshots/NAME`, each a store's folder of its own, made of hard
/// links as far as possible.
struct Snapshots: Sendable {
    struct Entry: Sendable {
        let name: String
        /// ISO 8601, UTC.
        let saved: String
        /// Bytes of its files; those that it shares with the live state count too.
        let bytes: Int64
    }

    private static let note = "snapshot.json"

    let data: DataFolder

    private func path(_ name: String) -> String { "\(data.snapshots)/\(name)" }

    /// - Throws: when the name could not be a folder's.
    static func check(_ name: String) throws(CommandFailure) {
        let isPlain = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x5F || byte == 0x2D || byte == 0x2E
        }
        guard isPlain, (1...64).contains(name.utf8.count), name.first != ".", !name.hasSuffix(".new") else {
            throw CommandFailure(
                .usage,
                "'\(name)' cannot name a snapshot. Use 1 to 64 letters, digits, '-', '_' and '.', not "
                    + "beginning with '.' nor ending in '.new'.")
        }
    }

    func list() -> [Entry] {
        Files.names(in: data.snapshots).sorted().compactMap { name in
            guard let bytes = try? Files.readFile("\(path(name))/\(Self.note)", limit: 4_096),
                let saved = (try? JSONValue.parse(bytes))?["saved"]?.string, !name.hasSuffix(".new"),
                !name.hasPrefix(".")
            else { return nil }
            return Entry(name: name, saved: saved, bytes: Files.treeSize(path(name)))
        }
    }

    func exists(_ name: String) -> Bool { list().contains { $0.name == name } }

    /// Saves the state of an open store. Blocks; commits wait meanwhile.
    func save(_ name: String, of store: Store, replacing: Bool, at now: Timestamp) throws {
        try Self.check(name)
        guard replacing || !exists(name) else {
            throw CommandFailure(
                .failure, "There is a snapshot '\(name)' already. Write --replace to save over it.")
        }
        try Files.makeDirectories(data.snapshots)
        try Files.sync(data.path)
        let new = path(name) + ".new"
        Files.removeTree(new)
        do {
            try store.checkpoint(to: new)
            let document: JSONValue = ["saved": .string(now.iso8601)]
            try Files.writeFile("\(new)/\(Self.note)", document.encoded() + [UInt8(ascii: "\n")])
            for place in ["\(new)/\(Self.note)", new] { try Files.sync(place) }
            if exists(name) {
                // In one step, so that a crash leaves the one or the other.
                try Store.exchangeFolder(path(name), with: new)
                Files.removeTree(new)
            } else {
                Files.removeTree(path(name))
                try Files.move(new, to: path(name))
            }
        } catch {
            Files.removeTree(new)
            throw error
        }
    }

    /// Makes a copy that can take the place of the live state, and opens it to see that it can be used.
    /// - Returns: its path.
    func prepare(_ name: String, faults: FaultInjector) throws -> String {
        try Self.check(name)
        guard exists(name) else {
            let names = list().map(\.name)
            let hint = names.isEmpty ? "There is none yet." : "There are: \(names.joined(separator: ", "))."
            throw CommandFailure(.missingInput, "There is no snapshot '\(name)'. \(hint)")
        }
        Files.removeTree(data.nextStore)
        do {
            try Store.copyFolder(path(name), to: data.nextStore, faults: faults)
            try Store.open(at: data.nextStore).close()
        } catch {
            Files.removeTree(data.nextStore)
            throw error
        }
        return data.nextStore
    }

    /// Makes an empty state that can take the place of the live one.
    func prepareEmpty() throws -> String {
        Files.removeTree(data.nextStore)
        try Store.open(at: data.nextStore).close()
        return data.nextStore
    }

    func delete(_ name: String) throws {
        try Self.check(name)
        guard exists(name) else { throw CommandFailure(.missingInput, "There is no snapshot '\(name)'.") }
        // Out of sight in one step: what a crash leaves of it is no snapshot.
        let aside = "\(data.snapshots)/.\(name).gone"
        Files.removeTree(aside)
        try Files.move(path(name), to: aside)
        Files.removeTree(aside)
    }
}

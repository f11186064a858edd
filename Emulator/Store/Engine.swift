import CRocksDB
import Glibc

/// One open RocksDB database. RocksDB itself is safe to use from several threads; ``EngineSlot`` sees to it
/// that nobody uses it after ``close()``.
final class Engine: @unchecked Sendable {
    let database: OpaquePointer
    /// By ``Keyspace/index``; the last one, RocksDB's mandatory `default`, holds the store's own counters.
    private var families: [OpaquePointer?]
    private let plainRead = rocksdb_readoptions_create()
    private let syncedWrite = rocksdb_writeoptions_create()

    static let ownFamily = Keyspace.allCases.count

    /// Replays the log and makes the database ready for writing, or, with `readOnly`, only for reading.
    init(path: String, readOnly: Bool = false) throws(StoreError) {
        let names = Keyspace.allCases.map(\.rawValue) + ["default"]
        let options = EngineOptions.make()
        defer { rocksdb_options_destroy(options) }
        var handles = [OpaquePointer?](repeating: nil, count: names.count)
        let copies = names.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        let count = Int32(names.count)
        let cNames = copies.map { UnsafePointer($0) }
        let each =
            Keyspace.allCases.map { keyspace in
                keyspace.groupPrefix.flatMap { EngineOptions.grouped(options, prefix: $0) } ?? options
            } + [options]
        defer { for copy in each where copy != options { rocksdb_options_destroy(copy) } }
        let opened = try checked { error in
            readOnly
                ? rocksdb_open_for_read_only_column_families(
                    options, path, count, cNames, each, &handles, 0, error)
                : rocksdb_open_column_families(options, path, count, cNames, each, &handles, error)
        }
        guard let opened else { throw .engine("open returned nothing") }
        database = opened
        families = handles
        rocksdb_writeoptions_set_sync(syncedWrite, 1)
    }

    /// Opens after a crash: the end of the log may be torn.
    static func openingTorn(path: String) throws(StoreError) -> Engine {
        try syncLogs(path)
        do {
            return try Engine(path: path)
        } catch {
            guard case .corrupt = error, try LogTail.mend(path) else { throw error }
            return try Engine(path: path)
        }
    }

    /// A kill between a write and its sync leaves a record that only the page cache holds. It is about to be
    /// shown and built upon, so a power cut must not take it back.
    private static func syncLogs(_ path: String) throws(StoreError) {
        for name in try Files.list(path) where name.hasSuffix(".log") {
            let descriptor = try Files.open("\(path)/\(name)", O_RDONLY)
            defer { Glibc.close(descriptor) }
            try Files.sync(descriptor, path: "\(path)/\(name)")
        }
    }

    /// No call may be under way, no snapshot or iterator alive.
    func close() {
        for family in families { rocksdb_column_family_handle_destroy(family) }
        families = []
        rocksdb_readoptions_destroy(plainRead)
        rocksdb_writeoptions_destroy(syncedWrite)
        rocksdb_close(database)
    }

    func family(_ keyspace: Keyspace) -> OpaquePointer? { families[keyspace.index] }

    var ownFamilyHandle: OpaquePointer? { families[Self.ownFamily] }

    /// `options` nil reads the newest state.
    func get(
        _ family: OpaquePointer?, _ key: [UInt8], options: OpaquePointer? = nil
    ) throws(StoreError) -> [UInt8]? {
        let value = try checked { error in
            key.withCharacters { characters, count in
                rocksdb_get_pinned_cf(database, options ?? plainRead, family, characters, count, error)
            }
        }
        guard let value else { return nil }
        defer { rocksdb_pinnableslice_destroy(value) }
        var length = 0
        let start = rocksdb_pinnableslice_value(value, &length)
        return [UInt8](characters: start, count: length)
    }

    /// As `get`, without copying the value: its bytes are good only inside `body`.
    func visit<R>(
        _ family: OpaquePointer?, _ key: UnsafeRawBufferPointer, options: OpaquePointer? = nil,
        _ body: (UnsafeRawBufferPointer?) throws -> R
    ) throws -> R {
        let start = key.baseAddress?.assumingMemoryBound(to: CChar.self)
        let value = try checked { error in
            rocksdb_get_pinned_cf(database, options ?? plainRead, family, start, key.count, error)
        }
        guard let value else { return try body(nil) }
        defer { rocksdb_pinnableslice_destroy(value) }
        var length = 0
        let content = rocksdb_pinnableslice_value(value, &length)
        return try body(UnsafeRawBufferPointer(start: content, count: length))
    }

    /// As `get`, seeing what `batch` would change.
    func get(
        _ family: OpaquePointer?, _ key: [UInt8], through batch: OpaquePointer?
    ) throws(StoreError) -> [UInt8]? {
        var length = 0
        let value = try checked { error in
            key.withCharacters { characters, count in
                rocksdb_writebatch_wi_get_from_batch_and_db_cf(
                    batch, database, plainRead, family, characters, count, &length, error)
            }
        }
        guard let value else { return nil }
        defer { rocksdb_free(value) }
        return [UInt8](characters: value, count: length)
    }

    /// Writes the batch and returns after it has been synced to the disk.
    func writeSynced(_ batch: OpaquePointer?) throws(StoreError) {
        try checked { error in rocksdb_write_writebatch_wi(database, syncedWrite, batch, error) }
    }

    /// Writes what is in memory out as tables, so that the next open finds no log to replay.
    func flush() throws(StoreError) {
        let options = rocksdb_flushoptions_create()
        defer { rocksdb_flushoptions_destroy(options) }
        for family in families {
            try checked { error in rocksdb_flush_cf(database, options, family, error) }
        }
    }

    /// Makes a copy of the database in the folder `path`, which must not exist, by hard links if possible.
    func checkpoint(to path: String) throws(StoreError) {
        let checkpoint = try checked { error in rocksdb_checkpoint_object_create(database, error) }
        defer { rocksdb_checkpoint_object_destroy(checkpoint) }
        try checked { error in rocksdb_checkpoint_create(checkpoint, path, 0, error) }
    }
}

/// Runs a RocksDB call and turns the text it may leave behind into a ``StoreError``.
func checked<R>(
    _ call: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R
) throws(StoreError) -> R {
    var message: UnsafeMutablePointer<CChar>?
    let result = call(&message)
    guard let message else { return result }
    defer { rocksdb_free(message) }
    throw StoreError.fromEngine(String(cString: message))
}

extension [UInt8] {
    /// The bytes as RocksDB's C interface wants them.
    func withCharacters<R>(_ body: (UnsafePointer<CChar>?, Int) -> R) -> R {
        withUnsafeBytes { body($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) }
    }

    init(characters: UnsafePointer<CChar>?, count: Int) {
        guard let characters, count > 0 else {
            self = []
            return
        }
        self.init(UnsafeRawBufferPointer(start: characters, count: count))
    }
}

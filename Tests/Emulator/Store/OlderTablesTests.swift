import CRocksDB
import Glibc
import Store
import Testing

/// Stores that earlier versions wrote: their tables have indexes and filters in parts, and blocks of 4 KiB.
@Suite struct OlderTablesTests {
    let folder = TemporaryFolder()

    private static func key(_ number: Int) -> String { "older-item-\(100_000 + number)" }

    private static func olderOptions() -> OpaquePointer? {
        let options = rocksdb_options_create()
        let table = rocksdb_block_based_options_create()
        rocksdb_block_based_options_set_filter_policy(table, rocksdb_filterpolicy_create_bloom_full(10))
        rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1)
        rocksdb_block_based_options_set_index_type(
            table, Int32(rocksdb_block_based_table_index_type_two_level_index_search))
        rocksdb_block_based_options_set_partition_filters(table, 1)
        rocksdb_block_based_options_set_metadata_block_size(table, 4 << 10)
        rocksdb_options_set_block_based_table_factory(options, table)
        rocksdb_block_based_options_destroy(table)
        rocksdb_options_set_compression(options, Int32(rocksdb_lz4_compression))
        rocksdb_options_set_prefix_extractor(options, rocksdb_slicetransform_create_fixed_prefix(12))
        return options
    }

    /// Writes `count` items as one such table into a database that has all its keyspaces.
    private func writeTable(_ count: Int) throws {
        let options = Self.olderOptions()
        defer { rocksdb_options_destroy(options) }
        let names = Keyspace.allCases.map(\.rawValue) + ["default"]
        let copies = names.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        var families = [OpaquePointer?](repeating: nil, count: names.count)
        var failure: UnsafeMutablePointer<CChar>?
        let database = rocksdb_open_column_families(
            options, folder.store + "/db", Int32(names.count), copies.map { UnsafePointer($0) },
            [OpaquePointer?](repeating: options, count: names.count), &families, &failure)
        let opened = try #require(database, "\(failure.map { String(cString: $0) } ?? "no reason")")
        let items = families[try #require(names.firstIndex(of: Keyspace.items.rawValue))]
        let (writing, flushing) = (rocksdb_writeoptions_create(), rocksdb_flushoptions_create())
        for number in 0..<count {
            let (key, value) = (Self.key(number), "value \(number)")
            rocksdb_put_cf(
                opened, writing, items, key, key.utf8.count, value, value.utf8.count, &failure)
        }
        rocksdb_flush_cf(opened, flushing, items, &failure)
        #expect(failure == nil)
        rocksdb_writeoptions_destroy(writing)
        rocksdb_flushoptions_destroy(flushing)
        for family in families { rocksdb_column_family_handle_destroy(family) }
        rocksdb_close(opened)
    }

    @Test func areReadAndWrittenOn() async throws {
        let count = 20_000
        try Store.open(at: folder.store).close()
        try writeTable(count)
        let store = try Store.open(at: folder.store)
        for number in stride(from: 0, to: count, by: 7) {
            #expect(try store.value(Self.key(number)) == "value \(number)")
        }
        #expect(try store.value(Self.key(count)) == nil)
        #expect(try store.keys().count == count)
        #expect(try store.keys(from: Self.key(10), to: Self.key(13)) == (10..<13).map(Self.key))
        try await store.put(Self.key(11), "new")
        #expect(try store.value(Self.key(11)) == "new")
        try expectSound(store)
    }
}

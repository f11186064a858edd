import CRocksDB

/// RocksDB tuned for a small resident process that opens fast and never loses an acknowledged write.
enum EngineOptions {
    /// RocksDB's `kTolerateCorruptedTailRecords`. A torn last record was never acknowledged, so it may go;
    /// damage anywhere else refuses to open, where RocksDB's default would drop all that follows it.
    private static let keepEveryAcknowledgedWrite: Int32 = 0

    /// Bytes of changes that a keyspace gathers in memory.
    static let writeBuffer = 16 << 20

    /// Bytes of log after which what is in memory is written out as tables. A killed process leaves up to
    /// twice as much, and replaying it takes 4 ms a MiB or more.
    private static let longestLog: UInt64 = 4 << 20

    /// Bytes of blocks that are kept for reading. The kernel's page cache does the same for all the rest.
    private static let blockCache = 48 << 20

    /// Bytes of a block before compression. A long page reads a fifth faster than with RocksDB's 4 KiB; larger ones
    /// would leave single items too little of the cache.
    private static let block = 8 << 10

    /// The caller destroys the result.
    static func make() -> OpaquePointer? {
        let options = rocksdb_options_create()
        store_options_harden(options)
        rocksdb_options_set_create_if_missing(options, 1)
        rocksdb_options_set_create_missing_column_families(options, 1)
        rocksdb_options_set_paranoid_checks(options, 1)
        rocksdb_options_set_wal_recovery_mode(options, keepEveryAcknowledgedWrite)
        limitMemory(options)
        speedUpOpening(options)
        rocksdb_options_set_compression(options, Int32(rocksdb_lz4_compression))
        rocksdb_options_set_max_background_jobs(options, 2)
        return options
    }

    /// As `options`, for a keyspace whose keys come in groups: filters know the groups too, so that a range
    /// within one is looked up only where there is some of it. The caller destroys the result.
    static func grouped(_ options: OpaquePointer?, prefix: Int) -> OpaquePointer? {
        let copy = rocksdb_options_create_copy(options)
        rocksdb_options_set_prefix_extractor(copy, rocksdb_slicetransform_create_fixed_prefix(prefix))
        return copy
    }

    private static func limitMemory(_ options: OpaquePointer?) {
        rocksdb_options_set_write_buffer_size(options, writeBuffer)
        rocksdb_options_set_db_write_buffer_size(options, 32 << 20)
        rocksdb_options_set_max_write_buffer_number(options, 2)
        rocksdb_options_set_max_total_wal_size(options, longestLog)
        // Short logs make small tables, so the level that these are merged into must be small too: with
        // RocksDB's 256 MiB each byte would be written some twenty times on that way.
        rocksdb_options_set_max_bytes_for_level_base(options, 64 << 20)
        rocksdb_options_set_arena_block_size(options, 256 << 10)
        rocksdb_options_set_manifest_preallocation_size(options, 64 << 10)
        rocksdb_options_set_max_open_files(options, 256)

        let table = rocksdb_block_based_options_create()
        let cache = rocksdb_cache_create_lru(blockCache)
        rocksdb_block_based_options_set_block_cache(table, cache)
        rocksdb_block_based_options_set_block_size(table, block)
        rocksdb_block_based_options_set_filter_policy(table, rocksdb_filterpolicy_create_bloom_full(10))
        keepIndexesOpen(table)
        rocksdb_options_set_block_based_table_factory(options, table)
        rocksdb_cache_destroy(cache)
        rocksdb_block_based_options_destroy(table)
    }

    /// Each open table keeps its own filter and index whole, 1.5 MB for each million items. A read asks those of every
    /// level: looked up in the cache, part by part, they cost it more than all the rest. An opening reads those of 16
    /// tables at most.
    private static func keepIndexesOpen(_ table: OpaquePointer?) {
        rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 0)
        rocksdb_block_based_options_set_index_type(
            table, Int32(rocksdb_block_based_table_index_type_binary_search))
        // Neighbouring keys share most of their bytes; three of four stored as differences halve the index.
        rocksdb_block_based_options_set_index_block_restart_interval(table, 4)
    }

    private static func speedUpOpening(_ options: OpaquePointer?) {
        rocksdb_options_set_skip_stats_update_on_db_open(options, 1)
        rocksdb_options_set_skip_checking_sst_file_sizes_on_db_open(options, 1)
        rocksdb_options_set_stats_dump_period_sec(options, 0)
        rocksdb_options_set_stats_persist_period_sec(options, 0)
    }
}

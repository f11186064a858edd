import CRocksDB

/// RocksDB tuned for a small resident process that opens fast and never loses an acknowledged write.
enum EngineOptions {
    /// RocksDB's `kTolerateCorruptedTailRecords`. A torn last record was never acknowledged, so it may go;
    /// damage anywhere else refuses to open, where RocksDB's default would drop all that follows it.
    private static let keepEveryAcknowledgedWrite: Int32 = 0

    /// Bytes of changes that a keyspace gathers in memory.
    static let writeBuffer = 16 << 20

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

    private static func limitMemory(_ options: OpaquePointer?) {
        rocksdb_options_set_write_buffer_size(options, writeBuffer)
        rocksdb_options_set_db_write_buffer_size(options, 32 << 20)
        rocksdb_options_set_max_write_buffer_number(options, 2)
        rocksdb_options_set_max_total_wal_size(options, 24 << 20)
        rocksdb_options_set_arena_block_size(options, 256 << 10)
        rocksdb_options_set_manifest_preallocation_size(options, 64 << 10)
        rocksdb_options_set_max_open_files(options, 64)

        let table = rocksdb_block_based_options_create()
        let cache = rocksdb_cache_create_lru(8 << 20)
        rocksdb_block_based_options_set_block_cache(table, cache)
        rocksdb_block_based_options_set_filter_policy(table, rocksdb_filterpolicy_create_bloom_full(10))
        rocksdb_options_set_block_based_table_factory(options, table)
        rocksdb_cache_destroy(cache)
        rocksdb_block_based_options_destroy(table)
    }

    private static func speedUpOpening(_ options: OpaquePointer?) {
        rocksdb_options_set_skip_stats_update_on_db_open(options, 1)
        rocksdb_options_set_skip_checking_sst_file_sizes_on_db_open(options, 1)
        rocksdb_options_set_stats_dump_period_sec(options, 0)
        rocksdb_options_set_stats_persist_period_sec(options, 0)
    }
}

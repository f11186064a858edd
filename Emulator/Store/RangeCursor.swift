import CRocksDB

/// An iterator over `lower <= key < upper`. RocksDB gets the bounds too, so that a scan over a range whose
/// end is full of removed keys stops there; in an uncommitted batch RocksDB bounds removals alone, and nothing when
/// walking back, so each key is checked here as well.
struct RangeCursor: ~Copyable {
    private let options = rocksdb_readoptions_create()
    private let iterator: OpaquePointer?
    private let lower: [UInt8]
    private let upper: [UInt8]?
    private let reverse: Bool
    // RocksDB keeps pointers to the bounds for the iterator's whole life: an array's storage may move.
    private let pinned: UnsafeMutableRawBufferPointer

    /// Bytes that are read from a table at once where much of it is wanted.
    private static let readAhead = 64 << 10

    /// `batch` is a write batch with index whose changes show through, `snapshot` fixes the state to read, and
    /// `isLong` says that much will be read.
    init(
        _ engine: Engine, _ keyspace: Keyspace, from lower: [UInt8], to upper: [UInt8]?, reverse: Bool,
        snapshot: OpaquePointer? = nil, batch: OpaquePointer? = nil, verifying: Bool = false,
        isLong: Bool = false
    ) {
        self.lower = lower
        self.upper = upper
        self.reverse = reverse
        let upperBytes = upper ?? []
        pinned = .allocate(byteCount: lower.count + upperBytes.count + 1, alignment: 1)
        pinned.copyBytes(from: lower + upperBytes)
        let start = pinned.baseAddress?.assumingMemoryBound(to: CChar.self)
        rocksdb_readoptions_set_iterate_lower_bound(options, start, lower.count)
        if let upper {
            rocksdb_readoptions_set_iterate_upper_bound(options, start.map { $0 + lower.count }, upper.count)
        }
        rocksdb_readoptions_set_snapshot(options, snapshot)
        // Filters of groups tell where to look, but not when walking back: RocksDB had bugs there.
        let staysInGroup = !reverse && Self.isGroup(lower, upper, keyspace)
        rocksdb_readoptions_set_total_order_seek(options, staysInGroup ? 0 : 1)
        // Walking back, every step would read the same again.
        if isLong, !reverse { rocksdb_readoptions_set_readahead_size(options, Self.readAhead) }
        if verifying {
            rocksdb_readoptions_set_verify_checksums(options, 1)
            rocksdb_readoptions_set_fill_cache(options, 0)
        }
        let family = engine.family(keyspace)
        let base = rocksdb_create_iterator_cf(engine.database, options, family)
        // The combined iterator takes over the base.
        let readOptions = options
        iterator =
            batch.map {
                // Walking back, RocksDB takes a batch's key at the bound itself for the end.
                reverse
                    ? rocksdb_writebatch_wi_create_iterator_with_base_cf($0, base, family)
                    : store_batch_iterator($0, base, family, readOptions)
            } ?? base
        seekToStart()
    }

    /// Whether all keys between the bounds belong to one group of the keyspace.
    private static func isGroup(_ lower: [UInt8], _ upper: [UInt8]?, _ keyspace: Keyspace) -> Bool {
        guard let count = keyspace.groupPrefix, let upper, lower.count >= count, upper.count >= count
        else { return false }
        return lower[..<count] == upper[..<count]
    }

    deinit {
        rocksdb_iter_destroy(iterator)
        rocksdb_readoptions_destroy(options)
        pinned.deallocate()
    }

    private func seekToStart() {
        guard reverse else {
            lower.withCharacters { rocksdb_iter_seek(iterator, $0, $1) }
            return
        }
        guard let upper else {
            rocksdb_iter_seek_to_last(iterator)
            return
        }
        upper.withCharacters { rocksdb_iter_seek_for_prev(iterator, $0, $1) }
        // The upper bound is exclusive.
        if rocksdb_iter_valid(iterator) != 0, key == upper { rocksdb_iter_prev(iterator) }
    }

    private var key: [UInt8] {
        var length = 0
        let start = rocksdb_iter_key(iterator, &length)
        return [UInt8](characters: start, count: length)
    }

    /// The entry under the cursor, or nil at the end of the range.
    func current() throws(StoreError) -> (key: [UInt8], value: [UInt8])? {
        guard rocksdb_iter_valid(iterator) != 0 else {
            try checked { error in rocksdb_iter_get_error(iterator, error) }
            return nil
        }
        let key = key
        let beyond = reverse ? key.precedes(lower) : upper.map { !key.precedes($0) } ?? false
        if beyond { return nil }
        var length = 0
        let start = rocksdb_iter_value(iterator, &length)
        return (key, [UInt8](characters: start, count: length))
    }

    /// As `current`, without copies: the bytes are good until the cursor moves. Only for cursors without a
    /// batch, as RocksDB alone keeps these within their bounds.
    func currentBytes() throws(StoreError) -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
        guard rocksdb_iter_valid(iterator) != 0 else {
            try checked { error in rocksdb_iter_get_error(iterator, error) }
            return nil
        }
        var (keyLength, length) = (0, 0)
        let key = rocksdb_iter_key(iterator, &keyLength)
        let value = rocksdb_iter_value(iterator, &length)
        return (
            UnsafeRawBufferPointer(start: key, count: keyLength),
            UnsafeRawBufferPointer(start: value, count: length)
        )
    }

    func advance() {
        reverse ? rocksdb_iter_prev(iterator) : rocksdb_iter_next(iterator)
    }
}

extension [UInt8] {
    /// RocksDB's order: bytewise, a prefix first.
    func precedes(_ other: [UInt8]) -> Bool { lexicographicallyPrecedes(other) }
}

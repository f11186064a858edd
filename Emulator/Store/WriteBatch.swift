import CRocksDB

/// The changes of all commits that share one sync, readable before they are written.
final class WriteBatch {
    let engine: Engine
    /// With one index entry a key, so that a later change of a key hides the earlier one.
    let handle = rocksdb_writebatch_wi_create(0, 1)
    /// Blobs that become live with this batch.
    var attached: [BlobID] = []
    /// Whether any commit changes keys of ``Keyspace/steadyKind``.
    var changesSteadyKeys = false
    /// Blobs whose files go after this batch.
    var released: [BlobID] = []
    /// Whether a commit leaves something to be done in the background.
    var leavesWork = false

    private static let sequenceKey = Array("sequence".utf8)

    init(_ engine: Engine) { self.engine = engine }

    deinit { rocksdb_writebatch_wi_destroy(handle) }

    var isEmpty: Bool { count == 0 }

    /// Changes of keys.
    var count: Int { Int(rocksdb_writebatch_wi_count(handle)) }

    /// Size in bytes of what will be written.
    var size: Int {
        var size = 0
        _ = rocksdb_writebatch_wi_data(handle, &size)
        return size
    }

    func put(_ family: OpaquePointer?, _ key: [UInt8], _ value: [UInt8]) {
        key.withCharacters { keyStart, keyCount in
            value.withCharacters { start, count in
                rocksdb_writebatch_wi_put_cf(handle, family, keyStart, keyCount, start, count)
            }
        }
    }

    func delete(_ family: OpaquePointer?, _ key: [UInt8]) {
        key.withCharacters { rocksdb_writebatch_wi_delete_cf(handle, family, $0, $1) }
    }

    func setSavePoint() { rocksdb_writebatch_wi_set_save_point(handle) }

    func rollBack() throws(StoreError) {
        try checked { error in rocksdb_writebatch_wi_rollback_to_save_point(handle, error) }
    }

    func putSequence(_ sequence: UInt64) {
        put(engine.ownFamilyHandle, Self.sequenceKey, bigEndian(sequence))
    }

    static func storedSequence(in engine: Engine) throws(StoreError) -> UInt64 {
        guard let bytes = try engine.get(engine.ownFamilyHandle, sequenceKey) else { return 0 }
        guard let value = unsigned(bigEndian: bytes) else {
            throw .corrupt("the sequence counter has \(bytes.count) bytes")
        }
        return value
    }
}

func bigEndian(_ value: UInt64) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
}

func unsigned(bigEndian bytes: [UInt8]) -> UInt64? {
    bytes.count == 8 ? bytes.reduce(0) { $0 << 8 | UInt64($1) } : nil
}

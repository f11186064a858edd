import CRocksDB

/// A consistent view of the store, valid only inside the closure of ``Store/read(_:)``.
public final class Snapshot: Reading {
    private let engine: Engine
    private let snapshot: OpaquePointer?
    private let options = rocksdb_readoptions_create()
    private var isReleased = false
    public let era: UInt64?

    /// - Parameter era: the store's, where anybody wants to know.
    init(_ engine: Engine, _ era: Era? = nil) {
        self.engine = engine
        let before = era?.current
        snapshot = rocksdb_create_snapshot(engine.database)
        // If a change began meanwhile, nobody knows whether the snapshot has it.
        self.era = era?.current == before ? before : nil
        rocksdb_readoptions_set_snapshot(options, snapshot)
    }

    /// Called once, at the end of the closure.
    func release() {
        isReleased = true
        rocksdb_readoptions_destroy(options)
        rocksdb_release_snapshot(engine.database, snapshot)
    }

    public func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StoreError) -> [UInt8]? {
        precondition(!isReleased, "a snapshot was kept beyond its read")
        return try engine.get(engine.family(keyspace), key, options: options)
    }

    public func counter(_ id: UInt64) throws(StoreError) -> Int64 {
        try Counters.decode(get(.counters, Counters.key(id)))
    }

    public func scan(
        _ keyspace: Keyspace, from: [UInt8], to: [UInt8]?, reverse: Bool,
        _ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Bool
    ) throws {
        precondition(!isReleased, "a snapshot was kept beyond its read")
        let cursor = RangeCursor(engine, keyspace, from: from, to: to, reverse: reverse, snapshot: snapshot)
        while let entry = try cursor.current(), try body(entry.key, entry.value) { cursor.advance() }
    }

    /// As `scan`, without copying what is found: the bytes are good only inside `body`. `isLong` when many
    /// entries are expected.
    public func visit(
        _ keyspace: Keyspace, from: [UInt8], to: [UInt8]?, reverse: Bool, isLong: Bool = false,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool
    ) throws {
        precondition(!isReleased, "a snapshot was kept beyond its read")
        let cursor = RangeCursor(
            engine, keyspace, from: from, to: to, reverse: reverse, snapshot: snapshot, isLong: isLong)
        while let entry = try cursor.currentBytes(), try body(entry.key, entry.value) { cursor.advance() }
    }

    /// As `get`, without copying the value: its bytes are good only inside `body`, which gets nil when there
    /// is no such key.
    public func visit<R>(
        _ keyspace: Keyspace, _ key: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer?) throws -> R
    ) throws -> R {
        precondition(!isReleased, "a snapshot was kept beyond its read")
        return try engine.visit(engine.family(keyspace), key, options: options, body)
    }

    /// As an ascending scan of everything, with each block's checksum verified.
    func scanVerifying(_ keyspace: Keyspace, _ body: ([UInt8], [UInt8]) -> Void) throws(StoreError) {
        let cursor = RangeCursor(
            engine, keyspace, from: [], to: nil, reverse: false, snapshot: snapshot, verifying: true)
        while let entry = try cursor.current() {
            body(entry.key, entry.value)
            cursor.advance()
        }
    }
}

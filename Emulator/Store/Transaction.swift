import CRocksDB
import Clock

/// What a commit's body works on: it reads the newest state, its own changes and those of commits that came
/// before it in the same batch. Valid only inside the body.
public final class Transaction: Reading {
    private let batch: WriteBatch
    private let newest: Era
    private let counter: SequenceCounter
    private let counters: Counters
    /// What counters showed before this body changed them.
    private var countedBefore: [(id: UInt64, value: Int64)] = []
    /// Blobs this body attached or released.
    private(set) var attached: [BlobID] = []
    private(set) var released: [BlobID] = []
    private var leavesWork = false
    private var changes = 0
    private var isOver = false

    /// When the body started.
    public let now: Timestamp

    init(
        _ batch: WriteBatch, _ era: Era, _ counter: SequenceCounter, _ counters: Counters, now: Timestamp
    ) {
        self.batch = batch
        newest = era
        self.counter = counter
        self.counters = counters
        self.now = now
    }

    // MARK: Reading

    /// Nil once this transaction or one before it in its batch has changed a steady key.
    public var era: UInt64? { batch.changesSteadyKeys ? nil : newest.current }

    public func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StoreError) -> [UInt8]? {
        try batch.engine.get(batch.engine.family(keyspace), key, through: batch.handle)
    }

    public func counter(_ id: UInt64) throws(StoreError) -> Int64 { try counters.value(id, batch.engine) }

    /// `body` may change the store; changes to keys that the scan has not reached yet are seen.
    public func scan(
        _ keyspace: Keyspace, from: [UInt8], to: [UInt8]?, reverse: Bool,
        _ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Bool
    ) throws {
        var from = from
        var to = to
        while true {
            let cursor = RangeCursor(
                batch.engine, keyspace, from: from, to: to, reverse: reverse, batch: batch.handle)
            let changesAtStart = changes
            var last: [UInt8] = []
            while true {
                guard let entry = try cursor.current() else { return }
                last = entry.key
                guard try body(entry.key, entry.value) else { return }
                // RocksDB forbids to go on with an iterator once its batch has changed.
                if changes != changesAtStart { break }
                cursor.advance()
            }
            // Start again behind the last key.
            if reverse { to = last } else { from = last + [0] }
        }
    }

    // MARK: Writing

    public func put(_ keyspace: Keyspace, _ key: [UInt8], _ value: [UInt8]) {
        noteChange(keyspace, key)
        batch.put(batch.engine.family(keyspace), key, value)
    }

    public func delete(_ keyspace: Keyspace, _ key: [UInt8]) {
        noteChange(keyspace, key)
        batch.delete(batch.engine.family(keyspace), key)
    }

    /// Removes all keys `from <= key < to`. Takes time and memory in proportion to their number, so split a
    /// very large range into several commits.
    public func deleteRange(_ keyspace: Keyspace, from: [UInt8], to: [UInt8]?) throws(StoreError) {
        // RocksDB's own range removal does not exist in readable batches. Keys are collected in portions
        // because the iterator must be gone before the batch changes.
        var from = from
        while true {
            var keys: [[UInt8]] = []
            do {
                let cursor = RangeCursor(
                    batch.engine, keyspace, from: from, to: to, reverse: false, batch: batch.handle)
                while keys.count < 1024, let entry = try cursor.current() {
                    keys.append(entry.key)
                    cursor.advance()
                }
            }
            guard let last = keys.last else { return }
            for key in keys { delete(keyspace, key) }
            from = last + [0]
        }
    }

    /// Makes an adopted blob live when this commit becomes durable. If the body fails, its file is removed.
    public func attach(_ blob: BlobID, length: Int64) {
        put(.blobs, Array(blob.text.utf8), bigEndian(UInt64(clamping: length)))
        attached.append(blob)
    }

    /// The blob's file goes once this commit is durable and no earlier read is under way.
    public func release(_ blob: BlobID) {
        delete(.blobs, Array(blob.text.utf8))
        released.append(blob)
    }

    /// Greater than every number handed out before by this store, across restarts and crashes. Numbers of
    /// failed bodies are not handed out again.
    public func nextSequence() -> UInt64 { counter.next() }

    /// Changes a counter, which starts at 0 and is gone when it is 0 again. The change is part of this commit.
    /// - Returns: the new value.
    @discardableResult
    public func count(_ id: UInt64, by difference: Int64) throws(StoreError) -> Int64 {
        precondition(!isOver, "a transaction was kept beyond its commit")
        let old = try counters.value(id, batch.engine)
        guard difference != 0 else { return old }
        countedBefore.append((id, old))
        counters.set(id, old + difference)
        return old + difference
    }

    /// Says that this commit stores something that is to be dealt with in the background: once it is durable,
    /// ``Store/takeLeftWork()`` tells.
    public func leaveWork() { leavesWork = true }

    // MARK: Called by the committer

    /// Called when the body has ended well.
    func keep() {
        isOver = true
        batch.attached += attached
        batch.released += released
        if leavesWork { batch.leavesWork = true }
    }

    /// Takes back this body's changes alone.
    func rollBack() throws(StoreError) {
        isOver = true
        for (id, value) in countedBefore.reversed() { counters.set(id, value) }
        if changes > 0 { try batch.rollBack() }
    }

    private func noteChange(_ keyspace: Keyspace, _ key: [UInt8]) {
        precondition(!isOver, "a transaction was kept beyond its commit")
        if let steady = keyspace.steadyKind, key.first == steady { batch.changesSteadyKeys = true }
        // Rolling back rebuilds the batch's whole index, so a body that only reads gets no save point.
        if changes == 0 { batch.setSavePoint() }
        changes += 1
    }
}

/// The last sequence number; used by the commit thread alone.
final class SequenceCounter {
    private(set) var value: UInt64
    private var written: UInt64

    init(_ value: UInt64) {
        self.value = value
        written = value
    }

    func next() -> UInt64 {
        value += 1
        return value
    }

    /// The write of a recorded value has failed: it must be recorded again.
    func forgetRecord() { written = .max }

    /// Adds the counter to a batch if it has moved since the last one.
    func record(in batch: WriteBatch) {
        guard value != written else { return }
        batch.putSequence(value)
        written = value
    }
}

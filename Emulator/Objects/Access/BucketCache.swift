import Store
import Synchronization

/// A bucket with all that its record says, decoded.
final class KnownBucket: Sendable {
    /// The record as stored; as long as these bytes stand in the store, the rest holds.
    let bytes: [UInt8]
    let record: BucketRecord
    let access: BucketAccess
    let cors: CORSRules

    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        record = try BucketRecord(decoding: bytes)
        access = try BucketAccess(record)
        cors = CORSRules(record.cors)
    }
}

/// Keeps what was decoded from the records of buckets, policies above all: each request needs them, and they
/// hardly ever change. What is kept is held against the stored bytes whenever any bucket has changed since, so it
/// is never out of date.
final class BucketCache: Sendable {
    /// Beyond this many buckets all are forgotten and decoded anew as they are used.
    private static let capacity = 1024

    private struct Entry {
        let name: String
        let known: KnownBucket
        /// The store's era that showed this record; nil when that is not known.
        var seenIn: UInt64?
    }

    private struct State {
        var entries: [String: Entry] = [:]
        /// Most requests are for the bucket of the one before.
        var latest: Entry?
    }

    private let state = Mutex(State())

    /// The newest state of a bucket; nil when there is none of that name.
    func bucket(_ name: String, _ store: Store) throws -> KnownBucket? {
        let era = store.era
        let entry = find(name)
        if let entry, let era, entry.seenIn == era { return entry.known }
        let (isSame, bytes) = try store.readOne(.objects, StorageKeys.bucket(name)) {
            stored -> (Bool, [UInt8]?) in
            guard let stored else { return (false, nil) }
            if let entry, entry.known.bytes.elementsEqual(stored) { return (true, nil) }
            return (false, Array(stored))
        }
        let fresh = isSame ? entry?.known : try bytes.map { try KnownBucket($0) }
        guard let fresh else { return nil }
        // If a bucket changed meanwhile, nobody knows which of its states was read.
        note(Entry(name: name, known: fresh, seenIn: store.era == era ? era : nil))
        return fresh
    }

    /// The record of a bucket as `reader` shows it; nil when there is none.
    func record(_ name: String, in reader: any Reading) throws -> BucketRecord? {
        let entry = find(name)
        let era = reader.era
        if let entry, let era, entry.seenIn == era { return entry.known.record }
        guard let bytes = try reader.get(.objects, StorageKeys.bucket(name)) else { return nil }
        guard var entry, entry.known.bytes == bytes else { return try BucketRecord(decoding: bytes) }
        if let era, entry.seenIn.map({ $0 < era }) ?? true {
            entry.seenIn = era
            note(entry)
        }
        return entry.known.record
    }

    private func find(_ name: String) -> Entry? {
        state.withLock { state in
            if let latest = state.latest, latest.name == name { return latest }
            return state.entries[name]
        }
    }

    private func note(_ entry: Entry) {
        state.withLock { state in
            if state.entries.count >= Self.capacity { state.entries.removeAll() }
            state.entries[entry.name] = entry
            state.latest = entry
        }
    }
}

import Store
import Synchronization

/// A bucket with all that its record says, decoded.
final class KnownBucket: Sendable {
    /// The record as stored; as long as these bytes stand in the store, the rest holds.
    let bytes: [UInt8]
    let record: BucketRecord
    let access: BucketAccess

    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        record = try BucketRecord(decoding: bytes)
        access = try BucketAccess(record)
    }
}

/// Keeps what was decoded from the records of buckets, policies above all: each request needs them, and they
/// hardly ever change. What is kept is held against the stored bytes at every use, so it is never out of date.
final class BucketCache: Sendable {
    /// Beyond this many buckets all are forgotten and decoded anew as they are used.
    private static let capacity = 1024

    private let buckets = Mutex<[String: KnownBucket]>([:])

    /// The newest state of a bucket; nil when there is none of that name.
    func bucket(_ name: String, _ store: Store) throws -> KnownBucket? {
        let known = buckets.withLock { $0[name] }
        let (isSame, bytes) = try store.readOne(.objects, StorageKeys.bucket(name)) {
            stored -> (Bool, [UInt8]?) in
            guard let stored else { return (false, nil) }
            if let known, known.bytes.elementsEqual(stored) { return (true, nil) }
            return (false, Array(stored))
        }
        if isSame { return known }
        let fresh = try bytes.map { try KnownBucket($0) }
        buckets.withLock { buckets in
            if buckets.count >= Self.capacity { buckets.removeAll() }
            buckets[name] = fresh
        }
        return fresh
    }

    /// The decoded record for bytes that were just read from the store.
    func record(_ name: String, _ bytes: [UInt8]) throws -> BucketRecord {
        if let known = buckets.withLock({ $0[name] }), known.bytes == bytes { return known.record }
        return try BucketRecord(decoding: bytes)
    }
}

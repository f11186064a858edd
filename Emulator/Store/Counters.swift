/// Durable counters. Each batch writes a counter once, however many of its commits count; used by the commit
/// thread alone.
final class Counters {
    /// Counters kept in memory; beyond this many all are forgotten and read again when needed.
    private static let maximumKnown = 65_536

    private var known: [UInt64: Int64] = [:]
    private var changed: Set<UInt64> = []

    func value(_ id: UInt64, _ engine: Engine) throws(StoreError) -> Int64 {
        if let value = known[id] { return value }
        let value = try Self.decode(engine.get(engine.family(.counters), Self.key(id)))
        known[id] = value
        return value
    }

    func set(_ id: UInt64, _ value: Int64) {
        known[id] = value
        changed.insert(id)
    }

    /// Adds what the batch's commits counted to the batch.
    func record(in batch: WriteBatch) {
        for id in changed {
            let family = batch.engine.family(.counters)
            if let value = known[id], value != 0 {
                batch.put(family, Self.key(id), bigEndian(UInt64(bitPattern: value)))
            } else {
                batch.delete(family, Self.key(id))
            }
        }
        changed = []
        if known.count > Self.maximumKnown { known = [:] }
    }

    /// The batch was not written, or nobody knows: what is stored counts.
    func forget() {
        known = [:]
        changed = []
    }

    static func key(_ id: UInt64) -> [UInt8] { bigEndian(id) }

    static func decode(_ bytes: [UInt8]?) throws(StoreError) -> Int64 {
        guard let bytes else { return 0 }
        guard let value = unsigned(bigEndian: bytes) else {
            throw .corrupt("a counter has \(bytes.count) bytes")
        }
        return Int64(bitPattern: value)
    }
}

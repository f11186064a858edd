import Clock
import Store

/// A note that the copy restored of an archived version goes at a certain time; it stands under that time.
struct RestoredCopy: Sendable {
    var bucket: String
    var key: [UInt8]
    var version: VersionID

    private static let version: UInt8 = 1

    init(bucket: String, key: [UInt8], version: VersionID) {
        self.bucket = bucket
        self.key = key
        self.version = version
    }

    init(decoding bytes: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(bytes, versions: Self.version...Self.version, record: "restored copy")
        bucket = try reader.string()
        key = try reader.byteString()
        version = try VersionID(from: &reader)
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter(version: Self.version)
        writer.put(bucket)
        writer.put(key)
        version.write(to: &writer)
        return writer.bytes
    }
}

/// Lets restored copies go when their time is over. Reading refuses them by itself; this tidies up and tells
/// whoever listens.
struct RestoreExpiry: WorkSource {
    private static let portion = 100

    static func advance(_ core: ObjectsCore) async throws -> Bool {
        try await run(core, until: core.clock.now) == portion
    }

    /// - Returns: how many notes were dealt with.
    static func run(_ core: ObjectsCore, until now: Timestamp) async throws -> Int {
        let range = StorageKeys.restores(until: now)
        var due: [[UInt8]] = []
        try core.store.read { snapshot in
            try snapshot.scan(.objects, from: range.from, to: range.to, reverse: false) { key, _ in
                due.append(key)
                return due.count < portion
            }
        }
        if due.isEmpty { return 0 }
        try await end(due, now, core)
        return due.count
    }

    /// All in one commit, unless a record that cannot be read is in the way: then each on its own. The note goes in
    /// any case, or it would stand before all others for ever; the version is refused by itself when its time is over.
    private static func end(_ notes: [[UInt8]], _ now: Timestamp, _ core: ObjectsCore) async throws {
        let time = core.clock.now
        do {
            try await core.store.commit { transaction in
                for note in notes {
                    guard let bytes = try transaction.get(.objects, note) else { continue }
                    transaction.delete(.objects, note)
                    try end(try RestoredCopy(decoding: bytes), now, time, core, transaction)
                }
            }
        } catch is RecordError {
            guard let note = notes.first, notes.count == 1 else {
                for note in notes { try await end([note], now, core) }
                return
            }
            core.unreadable.report(note, "A restored copy whose time is over, or its object,")
            try await core.store.commit { $0.delete(.objects, note) }
        }
    }

    private static func end(
        _ copy: RestoredCopy, _ now: Timestamp, _ time: Timestamp, _ core: ObjectsCore,
        _ transaction: Transaction
    ) throws {
        let versions = Versions(bucket: copy.bucket, key: copy.key)
        // The version may be gone, or restored for longer.
        guard let stored = try transaction.get(.objects, StorageKeys.bucket(copy.bucket)),
            var record = try versions.find(copy.version, in: transaction), let until = record.restoredUntil,
            until <= now
        else { return }
        record.restoredUntil = nil
        try versions.update(record, in: transaction)
        let bucket = try BucketRecord(decoding: stored)
        ObjectEvent("ObjectRestore:Delete", versions, record, bucket, at: time, by: .service(""))
            .note(bucket, in: transaction)
    }
}

import AWSProtocol
import Clock
import Store

/// What a client was told when it completed an upload. Kept for a while: a client that got no answer asks again,
/// and gets the same one.
struct CompletedUpload: Sendable {
    var bucket: String
    var key: [UInt8]
    /// A digest of the list of parts.
    var list: String
    var time: Timestamp
    /// Without quotes.
    var etag: String
    var checksum: StoredChecksum
    var encryption: ObjectEncryption
    /// Nil when the bucket was not versioned.
    var version: String?
    /// The place among completed uploads.
    var order: UInt64 = 0

    private static let versions: ClosedRange<UInt8> = 1...1

    init(
        bucket: String, key: [UInt8], list: String, time: Timestamp, _ record: ObjectRecord,
        _ versioning: BucketRecord.Versioning
    ) {
        self.bucket = bucket
        self.key = key
        self.list = list
        self.time = time
        etag = record.etag
        checksum = record.checksum
        encryption = record.attributes.encryption
        version = versioning == .enabled ? record.version.text : nil
    }

    init(decoding bytes: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(bytes, versions: Self.versions, record: "completed upload")
        bucket = try reader.string()
        key = try reader.byteString()
        list = try reader.string()
        time = try reader.timestamp()
        etag = try reader.string()
        checksum = try StoredChecksum(from: &reader)
        encryption = try ObjectEncryption(from: &reader)
        version = try reader.optional { reader throws(RecordError) in try reader.string() }
        order = try reader.uint64()
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter(version: Self.versions.upperBound)
        writer.put(bucket)
        writer.put(key)
        writer.put(list)
        writer.put(time)
        writer.put(etag)
        checksum.write(to: &writer)
        encryption.write(to: &writer)
        writer.put(optional: version) { $0.put($1) }
        writer.put(order)
        return writer.bytes
    }

    /// Notes that the upload of that identifier has ended so.
    func note(_ uploadID: String, in transaction: Transaction) {
        var noted = self
        noted.order = transaction.nextSequence()
        transaction.put(.objects, StorageKeys.completedUpload(uploadID), noted.encoded())
        transaction.put(.objects, StorageKeys.completion(noted.order), Array(uploadID.utf8))
    }

    /// What the upload of that identifier has become, when it was completed with the same list.
    static func find(
        _ uploadID: String, _ bucket: String, _ key: [UInt8], list: String, in reader: any Reading
    ) throws -> CompletedUpload? {
        guard let bytes = try reader.get(.objects, StorageKeys.completedUpload(uploadID)) else { return nil }
        let found = try CompletedUpload(decoding: bytes)
        return found.bucket == bucket && found.key == key && found.list == list ? found : nil
    }
}

/// Forgets completed uploads when nobody asks again any more.
enum CompletedUploadsSweep: WorkSource {
    /// How long one is remembered, milliseconds.
    private static let lifetime: Int64 = 600_000
    /// How many are remembered at most, as of the last sweep.
    private static let maximumKept = 1_000
    private static let portion = 500

    static func advance(_ core: ObjectsCore) async throws -> Bool {
        let due = try due(core)
        guard !due.isEmpty else { return false }
        try await core.store.commit { transaction in
            for (order, uploadID) in due {
                transaction.delete(.objects, order)
                transaction.delete(.objects, StorageKeys.completedUpload(uploadID))
            }
        }
        return due.count == portion
    }

    /// The oldest ones that may go, with the keys of their places.
    private static func due(_ core: ObjectsCore) throws -> [(order: [UInt8], uploadID: String)] {
        let oldest = core.clock.now.milliseconds - lifetime
        return try core.store.read { snapshot in
            var places: [(order: [UInt8], uploadID: String)] = []
            let all = StorageKeys.allCompletions
            try snapshot.scan(.objects, from: all.from, to: all.to) { key, value in
                places.append((key, String(utf8: value)))
                return places.count < maximumKept + portion
            }
            let surplus = max(0, places.count - maximumKept)
            var due: [(order: [UInt8], uploadID: String)] = []
            for (index, place) in places.prefix(portion).enumerated() {
                if index >= surplus {
                    let bytes = try snapshot.get(.objects, StorageKeys.completedUpload(place.uploadID))
                    // One that cannot be read tells nobody anything, so it may go.
                    let time = bytes.flatMap { try? CompletedUpload(decoding: $0).time.milliseconds }
                    if let time, time > oldest { break }
                }
                due.append(place)
            }
            return due
        }
    }
}

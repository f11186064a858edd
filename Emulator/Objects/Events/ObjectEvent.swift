import Bytes
import Clock
import Store

/// Something that happened to an object and that somebody may want to hear of (Amazon S3 User Guide, "Event
/// notification types and destinations"). It is stored in the commit that made it happen, so it is told even
/// when the emulator ends before it could be.
struct ObjectEvent: Sendable, Equatable {
    /// Without `s3:`, such as `ObjectCreated:Put`.
    var name: String
    var bucket: String
    var key: [UInt8]
    var size: Int64
    /// Without quotes.
    var etag: String
    /// Nil when the bucket is not versioned.
    var version: String?
    var time: Timestamp
    /// Greater than that of each earlier event of the key.
    var order: UInt64 = 0
    var origin: Origin

    /// Who caused it.
    struct Origin: Sendable, Equatable {
        var requestID: String
        var hostID: String
        var address: String

        init(requestID: String, hostID: String, address: String) {
            self.requestID = requestID
            self.hostID = hostID
            self.address = address
        }

        init(_ request: S3Request) {
            self.init(
                requestID: request.context.requestID, hostID: request.context.hostID,
                address: request.http.peerAddress)
        }
    }

    private static let version: UInt8 = 1

    init(
        _ name: String, _ versions: Versions, _ record: ObjectRecord?, _ bucket: BucketRecord,
        at time: Timestamp,
        by origin: Origin
    ) {
        self.name = name
        self.bucket = versions.bucket
        key = versions.key
        size = record?.size ?? 0
        etag = record?.etag ?? ""
        version = bucket.versioning == .enabled ? record?.version.text : nil
        self.time = time
        self.origin = origin
    }

    init(decoding bytes: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(bytes, versions: Self.version...Self.version, record: "event")
        name = try reader.string()
        bucket = try reader.string()
        key = try reader.byteString()
        size = try reader.int64()
        etag = try reader.string()
        version = try reader.optional { reader throws(RecordError) in try reader.string() }
        time = try reader.timestamp()
        order = try reader.uint64()
        origin = Origin(
            requestID: try reader.string(), hostID: try reader.string(), address: try reader.string())
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter(version: Self.version)
        writer.put(name)
        writer.put(bucket)
        writer.put(key)
        writer.put(size)
        writer.put(etag)
        writer.put(optional: version) { $0.put($1) }
        writer.put(time)
        writer.put(order)
        writer.put(origin.requestID)
        writer.put(origin.hostID)
        writer.put(origin.address)
        return writer.bytes
    }

    /// Stores the event to be told of, if the bucket has somebody to tell.
    func note(_ bucket: BucketRecord, in transaction: Transaction) {
        guard bucket.documents[.notification] != nil else { return }
        var event = self
        event.order = transaction.nextSequence()
        transaction.put(.objects, StorageKeys.event(event.order), event.encoded())
    }
}

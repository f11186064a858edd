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
    /// The class that a transition leads to, or that a restored copy was made from.
    var storageClass: String?
    /// Only of a completed restore: when the copy goes again.
    var restoredUntil: Timestamp?
    /// Whom to tell; nil until a rule of the bucket says so.
    var target: Target?

    /// Nil until its function has failed.
    var retry: Retry?

    /// That the function has failed, and when it is called again.
    struct Retry: Sendable, Equatable {
        /// Of the call, the same for all attempts.
        var requestID: String
        var failures: Int
        var time: Timestamp
    }

    /// Who caused it.
    struct Origin: Sendable, Equatable {
        var requestID: String
        var hostID: String
        var address: String
        /// As `userIdentity` names it.
        var principal: String

        init(requestID: String, hostID: String, address: String, principal: String = "Anonymous") {
            self.requestID = requestID
            self.hostID = hostID
            self.address = address
            self.principal = principal
        }

        init(_ request: S3Request) {
            self.init(
                requestID: request.context.requestID, hostID: request.context.hostID,
                address: request.http.peerAddress, principal: Principal.name(request.context.identity))
        }

        /// What S3 does by itself, such as by a lifecycle rule.
        static func service(_ requestID: String) -> Origin {
            Origin(
                requestID: requestID, hostID: "", address: "s3.amazonaws.com", principal: "s3.amazonaws.com")
        }
    }

    /// A rule of the bucket's notification configuration, and the function that it names.
    struct Target: Sendable, Equatable {
        var configurationID: String
        var function: String
    }

    private static let versions: ClosedRange<UInt8> = 1...3

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
        var reader = try RecordReader(bytes, versions: Self.versions, record: "event")
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
        guard reader.version >= 2 else { return }
        origin.principal = try reader.string()
        storageClass = try reader.optional { reader throws(RecordError) in try reader.string() }
        restoredUntil = try reader.optional { reader throws(RecordError) in try reader.timestamp() }
        target = try reader.optional { reader throws(RecordError) in
            Target(configurationID: try reader.string(), function: try reader.string())
        }
        guard reader.version >= 3 else { return }
        retry = try reader.optional { reader throws(RecordError) in
            Retry(
                requestID: try reader.string(), failures: Int(clamping: try reader.int64()),
                time: try reader.timestamp())
        }
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter(version: Self.versions.upperBound)
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
        writer.put(origin.principal)
        writer.put(optional: storageClass) { $0.put($1) }
        writer.put(optional: restoredUntil) { $0.put($1) }
        writer.put(optional: target) { writer, target in
            writer.put(target.configurationID)
            writer.put(target.function)
        }
        writer.put(optional: retry) { writer, retry in
            writer.put(retry.requestID)
            writer.put(Int64(retry.failures))
            writer.put(retry.time)
        }
        return writer.bytes
    }

    /// Stores the event for each function that the bucket has told of such events.
    func note(_ bucket: BucketRecord, in transaction: Transaction) {
        guard let document = bucket.documents[.notification],
            let configuration = try? NotificationConfiguration(decoding: document)
        else { return }
        for rule in configuration.rules where rule.covers("s3:\(name)", key) {
            // Queues and topics do not exist here.
            guard rule.destination == .function, let function = FunctionARN(rule.arn)?.name else { continue }
            var event = self
            event.target = Target(configurationID: rule.id, function: function)
            event.order = transaction.nextSequence()
            transaction.put(.objects, StorageKeys.event(function, event.order), event.encoded())
        }
    }
}

import Clock

/// One part of an object whose parts were joined when its upload was completed, as earlier versions of this
/// program did it.
struct PartBoundary: Sendable, Equatable {
    var number: Int
    var size: Int64
}

/// What is stored of one version of an object, or of a delete marker.
struct ObjectRecord: Sendable {
    /// Bytes.
    var size: Int64
    /// Without quotes.
    var etag: String
    var lastModified: Timestamp
    var attributes: ObjectAttributes
    var checksum: StoredChecksum
    /// Empty unless the object's parts were joined.
    var parts: [PartBoundary]
    var body: BodyReference
    var version = VersionID.null
    /// Versions of a key stand in this order; set when the version is written.
    var order: UInt64 = 0
    /// A version without bytes that hides those below it.
    var isDeleteMarker = false
    /// When a newer version took its place. An object made of parts is dated by the start of its upload, so the
    /// date of the version above does not tell.
    var noncurrentSince: Timestamp?
    /// Set once a copy of an archived object has been restored: when it goes again.
    var restoredUntil: Timestamp?

    /// Whether the client chose a checksum for the parts: only then S3 lists them.
    var hasChosenPartChecksums = false

    private static let versions: ClosedRange<UInt8> = 1...4

    init(
        size: Int64, etag: String, lastModified: Timestamp, attributes: ObjectAttributes,
        checksum: StoredChecksum, parts: [PartBoundary] = [], body: BodyReference
    ) {
        self.size = size
        self.etag = etag
        self.lastModified = lastModified
        self.attributes = attributes
        self.checksum = checksum
        self.parts = parts
        self.body = body
    }

    /// A delete marker.
    init(deletedAt time: Timestamp) {
        self.init(
            size: 0, etag: "", lastModified: time, attributes: ObjectAttributes(),
            checksum: StoredChecksum(algorithm: .crc64nvme, value: ""), body: .empty)
        isDeleteMarker = true
    }

    /// Nil when the object was not uploaded in parts.
    var partCount: Int? {
        if case .parts(let list) = body { return list.count }
        return parts.isEmpty ? nil : parts.count
    }

    init(decoding bytes: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(bytes, versions: Self.versions, record: "object")
        size = try reader.int64()
        etag = try reader.string()
        lastModified = try reader.timestamp()
        attributes = try ObjectAttributes(from: &reader)
        checksum = try StoredChecksum(from: &reader)
        parts = try reader.list { reader throws(RecordError) in
            PartBoundary(number: Int(try reader.uint16()), size: try reader.int64())
        }
        body = try BodyReference(from: &reader)
        guard reader.version >= 2 else { return }
        version = try VersionID(from: &reader)
        order = try reader.uint64()
        isDeleteMarker = try reader.bool()
        restoredUntil = try reader.optional { reader throws(RecordError) in try reader.timestamp() }
        if reader.version >= 3 { hasChosenPartChecksums = try reader.bool() }
        if reader.version >= 4 {
            noncurrentSince = try reader.optional { reader throws(RecordError) in try reader.timestamp() }
        }
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter(version: Self.versions.upperBound)
        writer.put(size)
        writer.put(etag)
        writer.put(lastModified)
        attributes.write(to: &writer)
        checksum.write(to: &writer)
        writer.put(list: parts) { writer, part in
            writer.put(UInt16(part.number))
            writer.put(part.size)
        }
        body.write(to: &writer)
        version.write(to: &writer)
        writer.put(order)
        writer.put(isDeleteMarker)
        writer.put(optional: restoredUntil) { $0.put($1) }
        writer.put(hasChosenPartChecksums)
        writer.put(optional: noncurrentSince) { $0.put($1) }
        return writer.bytes
    }
}

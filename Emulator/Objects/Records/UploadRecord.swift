import Clock

/// What is stored of a multipart upload that is neither completed nor aborted.
struct UploadRecord: Sendable {
    var key: [UInt8]
    var id: String
    var initiated: Timestamp
    var attributes: ObjectAttributes
    /// Nil: the client asked for none, and the object will have CRC64NVME.
    var checksumAlgorithm: ChecksumAlgorithm?
    var checksumKind: StoredChecksum.Kind
    /// Whether there was an object under the key when the upload began.
    var foundObject = false

    private static let versions: ClosedRange<UInt8> = 1...3

    /// Comes before the orders of all versions that were written after the upload began: the identifier starts
    /// with it.
    var order: UInt64 { UInt64(id.prefix(16), radix: 16) ?? 0 }

    /// Whether an upload may be called so: 80 hexadecimal digits.
    static func isIdentifier(_ text: String) -> Bool {
        text.utf8.count == 80 && text.utf8.allSatisfy { Unicode.Scalar($0).properties.isASCIIHexDigit }
    }

    init(
        key: [UInt8], id: String, initiated: Timestamp, attributes: ObjectAttributes,
        checksumAlgorithm: ChecksumAlgorithm?, checksumKind: StoredChecksum.Kind
    ) {
        self.key = key
        self.id = id
        self.initiated = initiated
        self.attributes = attributes
        self.checksumAlgorithm = checksumAlgorithm
        self.checksumKind = checksumKind
    }

    init(decoding bytes: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(bytes, versions: Self.versions, record: "upload")
        key = try reader.byteString()
        id = try reader.string()
        initiated = try reader.timestamp()
        attributes = try ObjectAttributes(from: &reader)
        let name = try reader.optional { reader throws(RecordError) in try reader.string() }
        checksumAlgorithm = name.flatMap { ChecksumAlgorithm(rawValue: $0) }
        checksumKind = try reader.bool() ? .composite : .fullObject
        if reader.version >= 3 { foundObject = try reader.bool() }
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter(version: Self.versions.upperBound)
        writer.put(key)
        writer.put(id)
        writer.put(initiated)
        attributes.write(to: &writer)
        writer.put(optional: checksumAlgorithm?.rawValue) { $0.put($1) }
        writer.put(checksumKind == .composite)
        writer.put(foundObject)
        return writer.bytes
    }
}

/// What is stored of one part of an upload.
struct PartRecord: Sendable {
    var size: Int64
    /// The raw MD5: the object's entity tag is made of the parts'.
    var md5: [UInt8]
    var lastModified: Timestamp
    var checksum: StoredChecksum
    /// Always kept, whatever other checksum the client asked for. Nil in records of earlier versions.
    var crc64: UInt64?
    var body: BodyReference

    private static let versions: ClosedRange<UInt8> = 1...3

    init(
        size: Int64, md5: [UInt8], lastModified: Timestamp, checksum: StoredChecksum, crc64: UInt64,
        body: BodyReference
    ) {
        self.size = size
        self.md5 = md5
        self.lastModified = lastModified
        self.checksum = checksum
        self.crc64 = crc64
        self.body = body
    }

    init(decoding bytes: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(bytes, versions: Self.versions, record: "part")
        size = try reader.int64()
        md5 = try reader.byteString()
        lastModified = try reader.timestamp()
        checksum = try StoredChecksum(from: &reader)
        body = try BodyReference(from: &reader)
        guard reader.version >= 3 else { return }
        crc64 = try reader.optional { reader throws(RecordError) in try reader.uint64() }
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter(version: Self.versions.upperBound)
        writer.put(size)
        writer.put(md5)
        writer.put(lastModified)
        checksum.write(to: &writer)
        body.write(to: &writer)
        writer.put(optional: crc64) { $0.put($1) }
        return writer.bytes
    }
}

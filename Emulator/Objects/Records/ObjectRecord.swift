import Clock
import Store

/// Where the bytes of an object or part are.
enum BodyReference: Sendable, Equatable {
    case empty
    /// In keyspace `smallBodies` under this number: a file of its own would cost more than it holds.
    case small(UInt64)
    case blob(BlobID)

    fileprivate init(from reader: inout RecordReader) throws(RecordError) {
        switch try reader.byte() {
        case 0: self = .empty
        case 1: self = .small(try reader.uint64())
        case 2:
            guard let id = BlobID(try reader.string()) else { throw reader.failure() }
            self = .blob(id)
        default: throw reader.failure()
        }
    }

    fileprivate func write(to writer: inout RecordWriter) {
        switch self {
        case .empty: writer.put(UInt8(0))
        case .small(let number):
            writer.put(UInt8(1))
            writer.put(number)
        case .blob(let id):
            writer.put(UInt8(2))
            writer.put(id.text)
        }
    }
}

/// A checksum as S3 shows it.
struct StoredChecksum: Sendable, Equatable {
    enum Kind: String, Sendable {
        case fullObject = "FULL_OBJECT"
        case composite = "COMPOSITE"
    }

    var algorithm: ChecksumAlgorithm
    /// Base64; a composite one ends in `-` and the number of parts.
    var value: String
    var kind: Kind

    fileprivate init(from reader: inout RecordReader) throws(RecordError) {
        guard let algorithm = ChecksumAlgorithm(rawValue: try reader.string()) else { throw reader.failure() }
        self.algorithm = algorithm
        value = try reader.string()
        kind = try reader.bool() ? .composite : .fullObject
    }

    init(algorithm: ChecksumAlgorithm, value: String, kind: Kind = .fullObject) {
        self.algorithm = algorithm
        self.value = value
        self.kind = kind
    }

    fileprivate func write(to writer: inout RecordWriter) {
        writer.put(algorithm.rawValue)
        writer.put(value)
        writer.put(kind == .composite)
    }
}

/// One part of an object that was uploaded in parts, for `GET ?partNumber=`.
struct PartBoundary: Sendable, Equatable {
    var number: Int
    var size: Int64
}

/// What a client says about an object beside its bytes; fixed when an upload starts.
struct ObjectAttributes: Sendable, Equatable {
    /// `Content-Type`, `Cache-Control` and so on, under their usual names.
    var systemHeaders: [StoredHeader] = []
    /// User metadata without `x-amz-meta-`, lower-case names.
    var metadata: [StoredHeader] = []
    var storageClass = "STANDARD"

    init() {}

    fileprivate init(from reader: inout RecordReader) throws(RecordError) {
        systemHeaders = try reader.list { reader throws(RecordError) in try StoredHeader(from: &reader) }
        metadata = try reader.list { reader throws(RecordError) in try StoredHeader(from: &reader) }
        storageClass = try reader.string()
    }

    fileprivate func write(to writer: inout RecordWriter) {
        writer.put(list: systemHeaders) { $1.write(to: &$0) }
        writer.put(list: metadata) { $1.write(to: &$0) }
        writer.put(storageClass)
    }
}

struct StoredHeader: Sendable, Equatable {
    var name: String
    var value: String

    init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    fileprivate init(from reader: inout RecordReader) throws(RecordError) {
        name = try reader.string()
        value = try reader.string()
    }

    fileprivate func write(to writer: inout RecordWriter) {
        writer.put(name)
        writer.put(value)
    }
}

/// What is stored of an object.
struct ObjectRecord: Sendable {
    /// Bytes.
    var size: Int64
    /// Without quotes.
    var etag: String
    var lastModified: Timestamp
    var attributes: ObjectAttributes
    var checksum: StoredChecksum
    /// Empty unless the object was uploaded in parts.
    var parts: [PartBoundary]
    var body: BodyReference

    private static let version: UInt8 = 1

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

    init(decoding bytes: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(bytes, version: Self.version, record: "object")
        size = try reader.int64()
        etag = try reader.string()
        lastModified = try reader.timestamp()
        attributes = try ObjectAttributes(from: &reader)
        checksum = try StoredChecksum(from: &reader)
        parts = try reader.list { reader throws(RecordError) in
            PartBoundary(number: Int(try reader.uint16()), size: try reader.int64())
        }
        body = try BodyReference(from: &reader)
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter(version: Self.version)
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
        return writer.bytes
    }
}

/// What is stored of a multipart upload that is neither completed nor aborted.
struct UploadRecord: Sendable {
    var key: [UInt8]
    var id: String
    var initiated: Timestamp
    var attributes: ObjectAttributes
    /// Nil: the client asked for none, and the object will have CRC64NVME.
    var checksumAlgorithm: ChecksumAlgorithm?
    var checksumKind: StoredChecksum.Kind

    private static let version: UInt8 = 1

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
        var reader = try RecordReader(bytes, version: Self.version, record: "upload")
        key = try reader.byteString()
        id = try reader.string()
        initiated = try reader.timestamp()
        attributes = try ObjectAttributes(from: &reader)
        let name = try reader.optional { reader throws(RecordError) in try reader.string() }
        checksumAlgorithm = name.flatMap { ChecksumAlgorithm(rawValue: $0) }
        checksumKind = try reader.bool() ? .composite : .fullObject
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter(version: Self.version)
        writer.put(key)
        writer.put(id)
        writer.put(initiated)
        attributes.write(to: &writer)
        writer.put(optional: checksumAlgorithm?.rawValue) { $0.put($1) }
        writer.put(checksumKind == .composite)
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
    var body: BodyReference

    private static let version: UInt8 = 1

    init(
        size: Int64, md5: [UInt8], lastModified: Timestamp, checksum: StoredChecksum, body: BodyReference
    ) {
        self.size = size
        self.md5 = md5
        self.lastModified = lastModified
        self.checksum = checksum
        self.body = body
    }

    init(decoding bytes: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(bytes, version: Self.version, record: "part")
        size = try reader.int64()
        md5 = try reader.byteString()
        lastModified = try reader.timestamp()
        checksum = try StoredChecksum(from: &reader)
        body = try BodyReference(from: &reader)
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter(version: Self.version)
        writer.put(size)
        writer.put(md5)
        writer.put(lastModified)
        checksum.write(to: &writer)
        body.write(to: &writer)
        return writer.bytes
    }
}

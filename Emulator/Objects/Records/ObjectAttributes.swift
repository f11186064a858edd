import Clock

/// What a client says about an object beside its bytes; fixed when an upload starts.
struct ObjectAttributes: Sendable, Equatable {
    /// `Content-Type`, `Cache-Control` and so on, under their usual names.
    var systemHeaders: [StoredHeader] = []
    /// User metadata without `x-amz-meta-`, lower-case names.
    var metadata: [StoredHeader] = []
    var storageClass = "STANDARD"
    var tags: [Tag] = []
    var encryption = ObjectEncryption.managed
    var lock = ObjectLock()
    /// An access control list as its operations encode it; empty: everything is the owner's.
    var accessControlList: [UInt8] = []

    init() {}

    init(from reader: inout RecordReader) throws(RecordError) {
        systemHeaders = try reader.list { reader throws(RecordError) in try StoredHeader(from: &reader) }
        metadata = try reader.list { reader throws(RecordError) in try StoredHeader(from: &reader) }
        storageClass = try reader.string()
        guard reader.version >= 2 else { return }
        tags = try reader.list { reader throws(RecordError) in try Tag(from: &reader) }
        encryption = try ObjectEncryption(from: &reader)
        lock = try ObjectLock(from: &reader)
        accessControlList = try reader.byteString()
    }

    func write(to writer: inout RecordWriter) {
        writer.put(list: systemHeaders) { $1.write(to: &$0) }
        writer.put(list: metadata) { $1.write(to: &$0) }
        writer.put(storageClass)
        writer.put(list: tags) { $1.write(to: &$0) }
        encryption.write(to: &writer)
        lock.write(to: &writer)
        writer.put(accessControlList)
    }
}

struct StoredHeader: Sendable, Equatable {
    var name: String
    var value: String

    init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        name = try reader.string()
        value = try reader.string()
    }

    func write(to writer: inout RecordWriter) {
        writer.put(name)
        writer.put(value)
    }
}

/// One tag of an object or a bucket.
struct Tag: Sendable, Equatable {
    var key: String
    var value: String

    init(key: String, value: String) {
        self.key = key
        self.value = value
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        key = try reader.string()
        value = try reader.string()
    }

    func write(to writer: inout RecordWriter) {
        writer.put(key)
        writer.put(value)
    }
}

/// How an object says it is encrypted (Amazon S3 User Guide, "Protecting data with encryption"). The bytes on
/// disk are as the client sent them.
enum ObjectEncryption: Sendable, Equatable {
    /// Keys of S3's own, `AES256`.
    case managed
    /// `aws:kms` or `aws:kms:dsse`.
    case keyService(algorithm: String, keyID: String, usesBucketKey: Bool)
    /// A key that the client sends with each request; kept is its MD5 in base64.
    case customer(keyMD5: String)

    init(from reader: inout RecordReader) throws(RecordError) {
        switch try reader.byte() {
        case 0: self = .managed
        case 1:
            self = .keyService(
                algorithm: try reader.string(), keyID: try reader.string(), usesBucketKey: try reader.bool())
        case 2: self = .customer(keyMD5: try reader.string())
        default: throw reader.failure()
        }
    }

    func write(to writer: inout RecordWriter) {
        switch self {
        case .managed: writer.put(UInt8(0))
        case .keyService(let algorithm, let keyID, let usesBucketKey):
            writer.put(UInt8(1))
            writer.put(algorithm)
            writer.put(keyID)
            writer.put(usesBucketKey)
        case .customer(let keyMD5):
            writer.put(UInt8(2))
            writer.put(keyMD5)
        }
    }
}

/// What keeps a version from being deleted (Amazon S3 User Guide, "Locking objects with Object Lock").
struct ObjectLock: Sendable, Equatable {
    enum Mode: String, Sendable {
        case governance = "GOVERNANCE"
        case compliance = "COMPLIANCE"
    }

    struct Retention: Sendable, Equatable {
        var mode: Mode
        var until: Timestamp
    }

    var retention: Retention?
    /// Nil: never set. S3 tells "off" from "not set".
    var legalHold: Bool?

    init() {}

    init(from reader: inout RecordReader) throws(RecordError) {
        retention = try reader.optional { reader throws(RecordError) in
            Retention(mode: try reader.bool() ? .compliance : .governance, until: try reader.timestamp())
        }
        legalHold = try reader.optional { reader throws(RecordError) in try reader.bool() }
    }

    func write(to writer: inout RecordWriter) {
        writer.put(optional: retention) { writer, retention in
            writer.put(retention.mode == .compliance)
            writer.put(retention.until)
        }
        writer.put(optional: legalHold) { $0.put($1) }
    }
}

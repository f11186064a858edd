import Clock

/// What is stored of a bucket: all of it in one record, for each request reads it once.
struct BucketRecord: Sendable {
    enum Versioning: UInt8, Sendable {
        case never, enabled, suspended
    }

    var created: Timestamp
    var region: String
    /// Empty: CORS is not configured.
    var cors: [CORSRule]
    var versioning = Versioning.never
    /// Configurations that were put, each as the operations of its kind encode it.
    var documents: [BucketDocument: [UInt8]] = [:]

    private static let versions: ClosedRange<UInt8> = 1...2

    init(created: Timestamp, region: String, cors: [CORSRule] = []) {
        self.created = created
        self.region = region
        self.cors = cors
    }

    init(decoding bytes: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(bytes, versions: Self.versions, record: "bucket")
        created = try reader.timestamp()
        region = try reader.string()
        cors = try reader.list { reader throws(RecordError) in
            let id = try reader.optional { reader throws(RecordError) in try reader.string() }
            return CORSRule(
                id: id, allowedOrigins: try Self.strings(&reader), allowedMethods: try Self.strings(&reader),
                allowedHeaders: try Self.strings(&reader), exposeHeaders: try Self.strings(&reader),
                maxAgeSeconds: try reader.optional { reader throws(RecordError) in Int(try reader.int64()) })
        }
        guard reader.version >= 2 else {
            setDefaultAccess()
            return
        }
        guard let versioning = Versioning(rawValue: try reader.byte()) else { throw reader.failure() }
        self.versioning = versioning
        let stored = try reader.list { reader throws(RecordError) in
            guard let kind = BucketDocument(rawValue: try reader.byte()) else { throw reader.failure() }
            return (kind, try reader.byteString())
        }
        documents = Dictionary(stored, uniquingKeysWith: { $1 })
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter(version: Self.versions.upperBound)
        writer.put(created)
        writer.put(region)
        writer.put(list: cors) { writer, rule in
            writer.put(optional: rule.id) { $0.put($1) }
            for texts in [rule.allowedOrigins, rule.allowedMethods, rule.allowedHeaders, rule.exposeHeaders] {
                writer.put(list: texts) { $0.put($1) }
            }
            writer.put(optional: rule.maxAgeSeconds) { $0.put(Int64($1)) }
        }
        writer.put(versioning.rawValue)
        writer.put(list: documents.sorted { $0.key.rawValue < $1.key.rawValue }) { writer, document in
            writer.put(document.key.rawValue)
            writer.put(document.value)
        }
        return writer.bytes
    }

    private static func strings(_ reader: inout RecordReader) throws(RecordError) -> [String] {
        try reader.list { reader throws(RecordError) in try reader.string() }
    }
}

/// A configuration of a bucket. The raw values stand in stored records, so they never change.
enum BucketDocument: UInt8, Sendable, CaseIterable {
    case policy = 1
    case accessControlList = 2
    case publicAccessBlock = 3
    case ownershipControls = 4
    case encryption = 5
    case tagging = 6
    case lifecycle = 7
    case notification = 8
    case website = 9
    case logging = 10
    case replication = 11
    case objectLock = 12
    case requestPayment = 13
    case accelerate = 14
    case analytics = 15
    case inventory = 16
    case metrics = 17
    case intelligentTiering = 18
}

import Clock

/// What is stored of a bucket.
struct BucketRecord: Sendable {
    var created: Timestamp
    var region: String
    /// Empty: CORS is not configured.
    var cors: [CORSRule]

    private static let version: UInt8 = 1

    init(created: Timestamp, region: String, cors: [CORSRule] = []) {
        self.created = created
        self.region = region
        self.cors = cors
    }

    init(decoding bytes: [UInt8]) throws(RecordError) {
        var reader = try RecordReader(bytes, version: Self.version, record: "bucket")
        created = try reader.timestamp()
        region = try reader.string()
        cors = try reader.list { reader throws(RecordError) in
            let id = try reader.optional { reader throws(RecordError) in try reader.string() }
            return CORSRule(
                id: id, allowedOrigins: try Self.strings(&reader), allowedMethods: try Self.strings(&reader),
                allowedHeaders: try Self.strings(&reader), exposeHeaders: try Self.strings(&reader),
                maxAgeSeconds: try reader.optional { reader throws(RecordError) in Int(try reader.int64()) })
        }
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter(version: Self.version)
        writer.put(created)
        writer.put(region)
        writer.put(list: cors) { writer, rule in
            writer.put(optional: rule.id) { $0.put($1) }
            for texts in [rule.allowedOrigins, rule.allowedMethods, rule.allowedHeaders, rule.exposeHeaders] {
                writer.put(list: texts) { $0.put($1) }
            }
            writer.put(optional: rule.maxAgeSeconds) { $0.put(Int64($1)) }
        }
        return writer.bytes
    }

    private static func strings(_ reader: inout RecordReader) throws(RecordError) -> [String] {
        try reader.list { reader throws(RecordError) in try reader.string() }
    }
}

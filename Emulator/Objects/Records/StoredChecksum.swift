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

    init(from reader: inout RecordReader) throws(RecordError) {
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

    func write(to writer: inout RecordWriter) {
        writer.put(algorithm.rawValue)
        writer.put(value)
        writer.put(kind == .composite)
    }
}

import AWSProtocol
import Bytes
import HTTPTypes

/// One kind of configuration of which a bucket holds many, each under an id: analytics, inventory, metrics,
/// Intelligent-Tiering.
struct NamedConfigurations: Sendable {
    /// What S3 answers when the id in the query is not the one in the document.
    enum Mismatch: Sendable {
        case malformed
        /// Code `IdMismatch`.
        case named
    }

    var kind: BucketDocument
    var shape: DocumentShape
    /// The root element of a listing.
    var listRoot: String
    var mismatch = Mismatch.malformed

    /// Amazon S3 API Reference: so many of a kind in a bucket, and so many on a page of a listing.
    private static let (maxCount, pageSize) = (1000, 100)
    /// Characters.
    private static let maxIDLength = 64

    // MARK: - Operations

    func put(
        _ request: S3Request, _ core: ObjectsCore,
        judge: @escaping @Sendable (XMLElement) throws -> Void = { _ in }
    ) async throws -> HTTPResponse {
        let id = try id(of: request)
        _ = try core.store.read { try core.bucket(request.bucket, in: $0) }
        let tree = try shape.read(try DigestRequired.document(of: request, isRequired: false))
        if tree["Id"] != id {
            switch mismatch {
            case .malformed: throw AWSError.malformedXML
            case .named:
                throw AWSError(
                    code: "IdMismatch",
                    message: "Document ID does not match the specified configuration ID.")
            }
        }
        try judge(tree)
        let kind = kind
        try await core.changeBucket(request.bucket) { bucket in
            var stored = Self.stored(bucket.documents[kind])
            stored.removeAll { $0.id == id }
            guard stored.count < Self.maxCount else {
                throw AWSError(
                    code: "TooManyConfigurations",
                    message: "You are attempting to create a new configuration but have already reached the "
                        + "1,000-configuration limit.")
            }
            stored.append((id, BucketConfiguration.document(tree)))
            stored.sort { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
            bucket.documents[kind] = Self.encoded(stored)
        }
        return HTTPResponse(status: 200)
    }

    func get(_ request: S3Request, _ core: ObjectsCore) throws -> HTTPResponse {
        let id = try id(of: request)
        let bucket = try core.store.read { try core.bucket(request.bucket, in: $0) }
        guard let found = Self.stored(bucket.documents[kind]).first(where: { $0.id == id }) else {
            throw Self.absent
        }
        return HTTPResponse(
            status: 200, headers: ["Content-Type": "application/xml"], body: .bytes(found.document))
    }

    func delete(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let (id, kind) = (try id(of: request), kind)
        try await core.changeBucket(request.bucket) { bucket in
            var stored = Self.stored(bucket.documents[kind])
            guard let place = stored.firstIndex(where: { $0.id == id }) else { throw Self.absent }
            stored.remove(at: place)
            bucket.documents[kind] = stored.isEmpty ? nil : Self.encoded(stored)
        }
        return HTTPResponse(status: 204)
    }

    func list(_ request: S3Request, _ core: ObjectsCore) throws -> HTTPResponse {
        let bucket = try core.store.read { try core.bucket(request.bucket, in: $0) }
        let token = request.value("continuation-token")
        var rest = Self.stored(bucket.documents[kind])
        if let token {
            guard let last = Base64.decode(token) else {
                throw AWSError.invalidArgument(
                    "The continuation token provided is incorrect", name: "continuation-token", value: token)
            }
            rest.removeAll { !last.lexicographicallyPrecedes($0.id.utf8) }
        }
        let page = rest.prefix(Self.pageSize)
        return ObjectsCore.xml(listRoot) { xml in
            xml.text("IsTruncated", rest.count > page.count)
            if let token { xml.text("ContinuationToken", token) }
            if rest.count > page.count, let last = page.last {
                xml.text("NextContinuationToken", Base64.encode(last.id.bytes))
            }
            for entry in page {
                if let tree = try? XMLReader.parse(entry.document) { xml.write(tree) }
            }
        }
    }

    private func id(of request: S3Request) throws(AWSError) -> String {
        let id = request.value("id") ?? ""
        let isValid =
            (1...Self.maxIDLength).contains(id.unicodeScalars.count)
            && id.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF)
                    || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains($0)
            }
        guard isValid else {
            throw AWSError(
                code: "InvalidConfigurationId", message: "The specified configuration id is invalid.")
        }
        return id
    }

    private static let absent = AWSError(
        code: "NoSuchConfiguration", status: 404, message: "The specified configuration does not exist.")

    // MARK: - Storage

    /// All that a bucket has of this kind, by their ids.
    func documents(of bucket: BucketRecord) -> [[UInt8]] {
        Self.stored(bucket.documents[kind]).map(\.document)
    }

    private typealias Entry = (id: String, document: [UInt8])

    private static func stored(_ bytes: [UInt8]?) -> [Entry] {
        guard let bytes, var reader = try? RecordReader(bytes, versions: 1...1, record: "configurations")
        else { return [] }
        let entries = try? reader.list { reader throws(RecordError) in
            (id: try reader.string(), document: try reader.byteString())
        }
        return entries ?? []
    }

    private static func encoded(_ entries: [Entry]) -> [UInt8] {
        var writer = RecordWriter(version: 1)
        writer.put(list: entries) { writer, entry in
            writer.put(entry.id)
            writer.put(entry.document)
        }
        return writer.bytes
    }
}

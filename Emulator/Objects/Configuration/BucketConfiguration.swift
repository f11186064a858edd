import AWSProtocol
import HTTPTypes
import Store

/// One kind of configuration that a bucket holds at most once, as an XML document. Stored is the document as
/// GET writes it, so reading costs nothing.
struct BucketConfiguration: Sendable {
    /// What GET answers as long as nothing was put.
    enum Absence: Sendable {
        /// The root element with these children.
        case document([XMLElement])
        /// 404 with this code and message.
        case error(code: String, message: String)
    }

    var kind: BucketDocument
    var shape: DocumentShape
    var absence: Absence
    /// Whether S3 insists on a digest of the document.
    var needsDigest = true

    // MARK: - For operations

    /// Stores the request's document.
    /// - Parameter judge: holds the document against S3's rules, and may fill in what the client left out. A
    ///   document that it returns as nil removes the configuration.
    func put(
        _ request: S3Request, _ core: ObjectsCore, judge: Judge = { tree, _, _ in tree }
    ) async throws -> HTTPResponse {
        let tree = try core.store.read { snapshot in
            let bucket = try core.bucket(request.bucket, in: snapshot)
            let document = try DigestRequired.document(of: request, isRequired: needsDigest)
            return try judge(try shape.read(document), bucket, snapshot)
        }
        try await put(tree, request.bucket, core)
        return HTTPResponse(status: 200)
    }

    typealias Judge = (XMLElement, BucketRecord, any Reading) throws -> XMLElement?

    /// Stores a tree that fits, or removes the configuration.
    func put(_ tree: XMLElement?, _ bucket: String, _ core: ObjectsCore) async throws {
        let (kind, document) = (kind, tree.map(Self.document))
        try await core.changeBucket(bucket) { $0.documents[kind] = document }
    }

    func get(_ request: S3Request, _ core: ObjectsCore) throws -> HTTPResponse {
        let bucket = try core.store.read { try core.bucket(request.bucket, in: $0) }
        if let document = bucket.documents[kind] { return Self.answer(document) }
        switch absence {
        case .document(let children):
            return Self.answer(Self.document(XMLElement(name: shape.root, children: children)))
        case .error(let code, let message):
            throw AWSError.notConfigured(code, message, bucket: request.bucket)
        }
    }

    /// Removes the configuration, also when there is none.
    func delete(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await put(nil, request.bucket, core)
        return HTTPResponse(status: 204)
    }

    // MARK: - For evaluation

    /// What was put, nil when nothing was.
    func tree(of bucket: BucketRecord) -> XMLElement? {
        bucket.documents[kind].flatMap { try? XMLReader.parse($0) }
    }

    // MARK: - Documents

    static func document(_ tree: XMLElement) -> [UInt8] {
        var xml = XMLWriter()
        xml.write(tree, namespace: ObjectsCore.xmlNamespace)
        return xml.bytes
    }

    private static func answer(_ document: [UInt8]) -> HTTPResponse {
        HTTPResponse(status: 200, headers: ["Content-Type": "application/xml"], body: .bytes(document))
    }
}

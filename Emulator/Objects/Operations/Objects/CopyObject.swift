import AWSProtocol
import HTTPTypes

/// PUT /bucket/key with `x-amz-copy-source`: the copy gets bytes of its own.
enum CopyObject {
    /// Larger sources have to be copied in parts, bytes.
    private static let maxBytes: Int64 = 5 << 30

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let plan = try Plan(request)
        let conditions = try WriteConditions(request)
        _ = try core.store.read { try core.bucket(request.bucket, in: $0) }
        let (source, sourceBucket, body) = try plan.source.open(request, core)
        try checkSize(source.size)
        try plan.refuseCopyOntoItself(request.bucket, request.key, sourceBucket)
        let attributes = plan.attributes(from: source)
        let algorithm = plan.algorithm ?? source.checksum.algorithm
        let accepted = try await CopySource.accept(body, algorithm, core)
        let write = ObjectWrite(
            accepted: accepted, attributes: attributes, conditions: conditions, event: "ObjectCreated:Copy")
        let (record, bucket) = try await write.commit(request, core)
        var response = ObjectsCore.xml("CopyObjectResult") { xml in
            xml.text("LastModified", ListingText.time(record.lastModified))
            xml.text("ETag", ETag.quoted(record.etag))
            xml.text(accepted.checksum.algorithm.elementName, accepted.checksum.value)
            xml.text("ChecksumType", accepted.checksum.kind.rawValue)
        }
        response.headers.add(encryptionOf: record.attributes)
        response.headers.add(versionOf: record, in: bucket)
        try response.headers.add(expirationOf: record, request.key, in: bucket, core)
        if sourceBucket.versioning != .never {
            response.headers.add("x-amz-copy-source-version-id", source.version.text)
        }
        return response
    }

    /// - Throws: InvalidRequest for more bytes than one copy takes.
    static func checkSize(_ bytes: Int64) throws(AWSError) {
        guard bytes > maxBytes else { return }
        throw .invalidRequest(
            "The specified copy source is larger than the maximum allowable size for a copy source: "
                + "\(maxBytes)")
    }

    /// What the request's headers ask for.
    private struct Plan {
        var source: CopySource
        var replaces: Bool
        var replacesTags: Bool
        /// Used whole when metadata is replaced.
        var sent: ObjectAttributes
        var algorithm: ChecksumAlgorithm?
        /// Whether something changes even when source and target are the same.
        var changes: Bool

        init(_ request: S3Request) throws(AWSError) {
            try Multipart.refuseLonePartNumber(request)
            source = try CopySource(request)
            let directive = request.header("x-amz-metadata-directive") ?? "COPY"
            guard ["COPY", "REPLACE"].contains(directive) else {
                throw .invalidArgument(
                    "Unknown metadata directive.", name: "x-amz-metadata-directive", value: directive)
            }
            replaces = directive == "REPLACE"
            let taggingDirective = request.header("x-amz-tagging-directive") ?? "COPY"
            guard ["COPY", "REPLACE"].contains(taggingDirective) else {
                throw .invalidArgument(
                    "Unknown tagging directive.", name: "x-amz-tagging-directive", value: taggingDirective)
            }
            replacesTags = taggingDirective == "REPLACE"
            sent = try AttributeReader.read(from: request)
            if let name = request.header("x-amz-checksum-algorithm") {
                guard let named = ChecksumAlgorithm(rawValue: name.uppercased()) else {
                    throw .unsupportedChecksumAlgorithm
                }
                algorithm = named
            }
            changes =
                replaces
                || [
                    "x-amz-storage-class", "x-amz-website-redirect-location", ObjectEncryption.header,
                    "\(CustomerKey.Headers.own.rawValue)-algorithm",
                ].contains { request.header($0) != nil }
        }

        /// Headers, metadata and tags come from the source, unless they are replaced; storage class, redirect,
        /// lock, encryption and permissions never do.
        func attributes(from record: ObjectRecord) -> ObjectAttributes {
            var attributes = sent
            if !replacesTags { attributes.tags = record.attributes.tags }
            if replaces { return attributes }
            let redirect = "x-amz-website-redirect-location"
            attributes.metadata = record.attributes.metadata
            attributes.systemHeaders =
                record.attributes.systemHeaders.filter { $0.name != redirect }
                + sent.systemHeaders.filter { $0.name == redirect }
            return attributes
        }

        /// A bucket's own rule of encryption counts as a change as well.
        func refuseCopyOntoItself(
            _ bucket: String, _ key: [UInt8], _ record: BucketRecord
        ) throws(AWSError) {
            guard source.bucket == bucket, source.key == key, source.selector == .current, !changes,
                record.documents[.encryption] == nil
            else { return }
            throw .invalidRequest(
                "This copy request is illegal because it is trying to copy an object to itself without "
                    + "changing the object's metadata, storage class, website redirect location or "
                    + "encryption attributes.")
        }
    }
}

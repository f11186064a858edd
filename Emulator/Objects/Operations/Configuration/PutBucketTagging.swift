import AWSProtocol
import HTTPTypes

/// PUT /bucket?tagging: replaces all tags of the bucket; an empty set removes them.
enum PutBucketTagging {
    /// The document is read by ``TagSet``, which knows more than a shape can say.
    static let configuration = BucketConfiguration(
        kind: .tagging, shape: DocumentShape("Tagging", []),
        absence: .error(code: "NoSuchTagSet", message: "The TagSet does not exist"))

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        _ = try core.store.read { try core.bucket(request.bucket, in: $0) }
        let document = try DigestRequired.document(of: request)
        let tags = try TagSet.read(document, for: .bucket)
        try await configuration.put(tree(of: tags), request.bucket, core)
        return HTTPResponse(status: 204)
    }

    /// A stored set of tags, nil for none.
    static func tree(of tags: [Tag]) -> XMLElement? {
        if tags.isEmpty { return nil }
        let elements = tags.map { tag in
            XMLElement(
                name: "Tag",
                children: [
                    XMLElement(name: "Key", text: tag.key), XMLElement(name: "Value", text: tag.value),
                ])
        }
        return XMLElement(
            name: "Tagging", children: [XMLElement(name: "TagSet", children: elements)])
    }
}

import AWSProtocol
import HTTPTypes

/// PUT /bucket?publicAccessBlock: replaces all four settings; one that is not named is off.
enum PutPublicAccessBlock {
    private static let settings: [(String, any WritableKeyPath<PublicAccessBlock, Bool> & Sendable)] = [
        ("BlockPublicAcls", \.blockPublicAcls), ("IgnorePublicAcls", \.ignorePublicAcls),
        ("BlockPublicPolicy", \.blockPublicPolicy), ("RestrictPublicBuckets", \.restrictPublicBuckets),
    ]

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let document = try DigestRequired.document(of: request)
        guard let root = try? XMLReader.parse(document), root.name == "PublicAccessBlockConfiguration" else {
            throw AWSError.malformedXML
        }
        guard !root.children.isEmpty else {
            throw AWSError.invalidRequest("Must specify at least one configuration.")
        }
        var block = PublicAccessBlock()
        for element in root.children {
            guard let setting = settings.first(where: { $0.0 == element.name }) else {
                throw AWSError.malformedXML
            }
            switch element.text.lowercased() {
            case "true": block[keyPath: setting.1] = true
            case "false": block[keyPath: setting.1] = false
            default: throw AWSError.malformedXML
            }
        }
        let chosen = block
        try await core.changeBucket(request.bucket) { $0.publicAccessBlock = chosen }
        return HTTPResponse(status: 200)
    }
}

import AWSProtocol
import HTTPTypes

/// PUT /bucket?cors: replaces the bucket's rules.
enum PutBucketCors {
    private static let maxRules = 100

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let document = try DigestRequired.document(of: request)
        guard let root = try? XMLReader.parse(document), root.name == "CORSConfiguration" else {
            throw AWSError.malformedXML
        }
        let rules = try root.all("CORSRule").map { try CORSRule($0) }
        guard !rules.isEmpty, rules.count <= maxRules else { throw AWSError.malformedXML }
        for rule in rules { try rule.validate() }
        try await core.changeBucket(request.bucket) { $0.cors = rules }
        return HTTPResponse(status: 200)
    }
}

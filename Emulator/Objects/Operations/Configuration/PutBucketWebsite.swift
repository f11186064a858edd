import AWSProtocol
import HTTPTypes

/// PUT /bucket?website: how the bucket answers as a web site.
enum PutBucketWebsite {
    static let configuration = BucketConfiguration(
        kind: .website, shape: WebsiteConfiguration.shape,
        absence: .error(
            code: "NoSuchWebsiteConfiguration",
            message: "The specified bucket does not have a website configuration"),
        needsDigest: false)

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await configuration.put(request, core) { tree, _, _ in
            try WebsiteConfiguration.validate(tree)
            return tree
        }
    }
}

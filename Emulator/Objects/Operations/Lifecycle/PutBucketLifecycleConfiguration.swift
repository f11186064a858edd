import AWSProtocol
import HTTPTypes

/// PUT /bucket?lifecycle: replaces the bucket's rules, in the present form or the older one.
enum PutBucketLifecycleConfiguration {
    static let smallObjectsHeader = "x-amz-transition-default-minimum-object-size"

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let document = try DigestRequired.document(of: request)
        let rules = try LifecycleReader.read(document)
        try LifecycleValidation.check(rules)
        let configuration = LifecycleConfiguration(rules: rules, smallObjects: try smallObjects(request))
        let bytes = configuration.encoded()
        try await core.changeBucket(request.bucket) { $0.documents[.lifecycle] = bytes }
        // A date may have passed already.
        core.lifecycle.ask(for: request.bucket)
        core.work.wake(core)
        return HTTPResponse(
            status: 200, headers: HTTPHeaders([(smallObjectsHeader, configuration.smallObjects.rawValue)]))
    }

    private static func smallObjects(
        _ request: S3Request
    ) throws(AWSError) -> LifecycleConfiguration.SmallObjects {
        guard let text = request.header(smallObjectsHeader) else { return .neverMove }
        guard let choice = LifecycleConfiguration.SmallObjects(rawValue: text) else {
            throw .invalidRequest("Invalid TransitionDefaultMinimumObjectSize found: \(text)")
        }
        return choice
    }
}

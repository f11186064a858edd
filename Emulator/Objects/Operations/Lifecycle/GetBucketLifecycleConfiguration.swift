import AWSProtocol
import HTTPTypes

/// GET /bucket?lifecycle.
enum GetBucketLifecycleConfiguration {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let record = try core.store.read { try core.bucket(request.bucket, in: $0) }
        guard let configuration = try core.lifecycle.rules(of: record) else {
            throw AWSError.notConfigured(
                "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist",
                bucket: request.bucket)
        }
        var response = ObjectsCore.xml("LifecycleConfiguration") { xml in
            for rule in configuration.rules { rule.write(to: &xml) }
        }
        response.headers.add(
            PutBucketLifecycleConfiguration.smallObjectsHeader, configuration.smallObjects.rawValue)
        return response
    }
}

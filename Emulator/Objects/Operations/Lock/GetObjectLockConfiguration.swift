import AWSProtocol
import HTTPTypes

/// GET /bucket?object-lock.
enum GetObjectLockConfiguration {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let record = try core.store.read { try core.bucket(request.bucket, in: $0) }
        guard let configuration = try ObjectLockConfiguration(of: record) else {
            throw AWSError.notConfigured(
                "ObjectLockConfigurationNotFoundError",
                "Object Lock configuration does not exist for this bucket", bucket: request.bucket)
        }
        return ObjectsCore.xml("ObjectLockConfiguration") { configuration.write(to: &$0) }
    }
}

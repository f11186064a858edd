import AWSProtocol
import HTTPTypes

/// GET /bucket/key?retention.
enum GetObjectRetention {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let (record, _) = try VersionTarget(request).read(core, LockOperations.needLock)
        guard let retention = record.attributes.lock.retention else { throw AWSError.noSuchObjectLock }
        return ObjectsCore.xml("Retention") { xml in
            xml.text("Mode", retention.mode.rawValue)
            xml.text("RetainUntilDate", retention.until.iso8601)
        }
    }
}

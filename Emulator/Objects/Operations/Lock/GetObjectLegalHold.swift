import AWSProtocol
import HTTPTypes

/// GET /bucket/key?legal-hold.
enum GetObjectLegalHold {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let (record, _) = try VersionTarget(request).read(core, LockOperations.needLock)
        guard let isHeld = record.attributes.lock.legalHold else { throw AWSError.noSuchObjectLock }
        return ObjectsCore.xml("LegalHold") { $0.text("Status", isHeld ? "ON" : "OFF") }
    }
}

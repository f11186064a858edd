import AWSProtocol
import HTTPTypes

/// GET /bucket?cors.
enum GetBucketCors {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let record = try core.store.read { try core.bucket(request.bucket, in: $0) }
        guard !record.cors.isEmpty else {
            throw AWSError.notConfigured(
                "NoSuchCORSConfiguration", "The CORS configuration does not exist", bucket: request.bucket)
        }
        return ObjectsCore.xml("CORSConfiguration") { xml in
            for rule in record.cors { rule.write(to: &xml) }
        }
    }
}

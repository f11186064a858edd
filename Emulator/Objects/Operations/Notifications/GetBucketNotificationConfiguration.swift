import HTTPTypes

/// GET /bucket?notification: an empty document when nobody is told of anything.
enum GetBucketNotificationConfiguration {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let record = try core.store.read { try core.bucket(request.bucket, in: $0) }
        let notifications = try record.documents[.notification].map {
            try NotificationConfiguration(decoding: $0)
        }
        return ObjectsCore.xml("NotificationConfiguration") { notifications?.write(to: &$0) }
    }
}

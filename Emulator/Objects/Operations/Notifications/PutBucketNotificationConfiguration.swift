import AWSProtocol
import HTTPTypes

/// PUT /bucket?notification: replaces the whole configuration; an empty one removes it.
enum PutBucketNotificationConfiguration {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let bucket = try core.store.read { try core.bucket(request.bucket, in: $0) }
        let notifications = try NotificationConfiguration(try request.document())
        try notifications.validate(region: bucket.region)
        if request.header("x-amz-skip-destination-validation")?.lowercased() != "true" {
            try notifications.checkDestinations(core.configuration, core.functions)
        }
        try await core.changeBucket(request.bucket) { $0.documents[.notification] = notifications.document }
        core.deliveries.listen()
        return HTTPResponse(status: 200)
    }
}

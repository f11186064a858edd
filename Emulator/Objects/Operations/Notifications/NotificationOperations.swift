/// The operations on notification configurations.
enum NotificationOperations {
    static let all: [Operation] = [
        Operation(
            "PutBucketNotificationConfiguration", "PUT", .bucket, ["notification"],
            run: PutBucketNotificationConfiguration.run),
        Operation(
            "GetBucketNotificationConfiguration", "GET", .bucket, ["notification"],
            run: GetBucketNotificationConfiguration.run),
    ]
}

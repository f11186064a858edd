import AWSProtocol

/// The operations of Object Lock.
enum LockOperations {
    static let all: [Operation] = [
        Operation(
            "PutObjectLockConfiguration", "PUT", .bucket, ["object-lock"],
            run: PutObjectLockConfiguration.run),
        Operation(
            "GetObjectLockConfiguration", "GET", .bucket, ["object-lock"],
            run: GetObjectLockConfiguration.run),
        Operation("PutObjectRetention", "PUT", .object, ["retention"], run: PutObjectRetention.run),
        Operation("GetObjectRetention", "GET", .object, ["retention"], run: GetObjectRetention.run),
        Operation("PutObjectLegalHold", "PUT", .object, ["legal-hold"], run: PutObjectLegalHold.run),
        Operation("GetObjectLegalHold", "GET", .object, ["legal-hold"], run: GetObjectLegalHold.run),
    ]

    /// - Throws: InvalidRequest for a bucket without Object Lock.
    @Sendable static func needLock(_ bucket: BucketRecord) throws {
        guard bucket.documents[.objectLock] == nil else { return }
        throw AWSError.invalidRequest("Bucket is missing Object Lock Configuration")
    }
}

extension AWSError {
    static let noSuchObjectLock = AWSError(
        code: "NoSuchObjectLockConfiguration", status: 404,
        message: "The specified object does not have a ObjectLock configuration")
}

/// The operations about versions.
enum VersioningOperations {
    static let all: [Operation] = [
        Operation("PutBucketVersioning", "PUT", .bucket, ["versioning"], run: PutBucketVersioning.run),
        Operation("GetBucketVersioning", "GET", .bucket, ["versioning"], run: GetBucketVersioning.run),
    ]
}

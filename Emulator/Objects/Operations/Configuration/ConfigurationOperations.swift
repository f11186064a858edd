/// The operations on configurations of buckets.
enum ConfigurationOperations {
    static let all: [Operation] = [
        Operation("PutBucketCors", "PUT", .bucket, ["cors"], run: PutBucketCors.run),
        Operation("GetBucketCors", "GET", .bucket, ["cors"], run: GetBucketCors.run),
        Operation("DeleteBucketCors", "DELETE", .bucket, ["cors"], run: DeleteBucketCors.run),
    ]
}

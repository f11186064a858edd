/// The operations on buckets as such.
enum BucketOperations {
    static let all: [Operation] = [
        Operation("ListBuckets", "GET", .service, run: ListBuckets.run),
        Operation("CreateBucket", "PUT", .bucket, run: CreateBucket.run),
        Operation("HeadBucket", "HEAD", .bucket, run: HeadBucket.run),
        Operation("DeleteBucket", "DELETE", .bucket, run: DeleteBucket.run),
        Operation("GetBucketLocation", "GET", .bucket, ["location"], run: GetBucketLocation.run),
    ]
}

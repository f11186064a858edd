/// The operations on lifecycle rules and archived objects.
enum LifecycleOperations {
    static let all: [Operation] = [
        Operation(
            "PutBucketLifecycleConfiguration", "PUT", .bucket, ["lifecycle"],
            run: PutBucketLifecycleConfiguration.run),
        Operation(
            "GetBucketLifecycleConfiguration", "GET", .bucket, ["lifecycle"],
            run: GetBucketLifecycleConfiguration.run),
        Operation(
            "DeleteBucketLifecycle", "DELETE", .bucket, ["lifecycle"], run: DeleteBucketLifecycle.run),
        Operation("RestoreObject", "POST", .object, ["restore"], run: RestoreObject.run),
    ]
}

/// The operations that list objects.
enum ListingOperations {
    static let all: [Operation] = [
        Operation("ListObjectsV2", "GET", .bucket, queryItem: ("list-type", "2"), run: ListObjectsV2.run),
        Operation("ListObjectVersions", "GET", .bucket, ["versions"], run: ListObjectVersions.run),
        Operation("ListObjects", "GET", .bucket, run: ListObjects.run),
    ]
}

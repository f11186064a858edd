/// The operations on tags of objects.
enum TaggingOperations {
    static let all: [Operation] = [
        Operation("PutObjectTagging", "PUT", .object, ["tagging"], run: PutObjectTagging.run),
        Operation("GetObjectTagging", "GET", .object, ["tagging"], run: GetObjectTagging.run),
        Operation("DeleteObjectTagging", "DELETE", .object, ["tagging"], run: DeleteObjectTagging.run),
    ]
}

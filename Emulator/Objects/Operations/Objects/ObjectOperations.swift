/// The operations on objects.
enum ObjectOperations {
    static let all: [Operation] = [
        Operation("CopyObject", "PUT", .object, header: "x-amz-copy-source", run: CopyObject.run),
        Operation(
            "GetObjectAttributes", "GET", .object, ["attributes"], run: GetObjectAttributes.run),
        Operation(
            "PutObject", "PUT", .object, beforeBody: { _ = try PutObject.Plan($0, $1) }, run: PutObject.run),
        Operation("GetObject", "GET", .object, atOnce: { try GetObject.run($0, $1) }),
        Operation("HeadObject", "HEAD", .object, atOnce: { try HeadObject.run($0, $1) }),
        Operation("DeleteObject", "DELETE", .object, run: DeleteObject.run),
        Operation("UpdateObjectEncryption", "PUT", .object, ["encryption"], run: UpdateObjectEncryption.run),
        Operation(
            "PostObject", "POST", .bucket, beforeBody: { _ = try PostObject.parser(for: $0, $1) },
            withBeginning: PostObject.judge, run: PostObject.run),
        Operation("DeleteObjects", "POST", .bucket, ["delete"], run: DeleteObjects.run),
    ]
}

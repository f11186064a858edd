/// The operations on uploads in parts.
enum MultipartOperations {
    static let all: [Operation] = [
        Operation("CreateMultipartUpload", "POST", .object, ["uploads"], run: CreateMultipartUpload.run),
        Operation(
            "UploadPartCopy", "PUT", .object, ["uploadId"], header: "x-amz-copy-source",
            run: UploadPartCopy.run),
        Operation(
            "UploadPart", "PUT", .object, ["uploadId"], beforeBody: { _ = try UploadPart.Plan($0, $1) },
            run: UploadPart.run),
        Operation("ListParts", "GET", .object, ["uploadId"], run: ListParts.run),
        Operation("CompleteMultipartUpload", "POST", .object, ["uploadId"], run: CompleteMultipartUpload.run),
        Operation("AbortMultipartUpload", "DELETE", .object, ["uploadId"], run: AbortMultipartUpload.run),
        Operation("ListMultipartUploads", "GET", .bucket, ["uploads"], run: ListMultipartUploads.run),
    ]
}

/// The operations on who may do what.
enum AccessOperations {
    static let all: [Operation] = [
        Operation("PutBucketPolicy", "PUT", .bucket, ["policy"], run: PutBucketPolicy.run),
        Operation("GetBucketPolicy", "GET", .bucket, ["policy"], run: GetBucketPolicy.run),
        Operation("DeleteBucketPolicy", "DELETE", .bucket, ["policy"], run: DeleteBucketPolicy.run),
        Operation("GetBucketPolicyStatus", "GET", .bucket, ["policyStatus"], run: GetBucketPolicyStatus.run),
        Operation(
            "PutPublicAccessBlock", "PUT", .bucket, ["publicAccessBlock"], run: PutPublicAccessBlock.run),
        Operation(
            "GetPublicAccessBlock", "GET", .bucket, ["publicAccessBlock"], run: GetPublicAccessBlock.run),
        Operation(
            "DeletePublicAccessBlock", "DELETE", .bucket, ["publicAccessBlock"],
            run: DeletePublicAccessBlock.run),
        Operation(
            "PutBucketOwnershipControls", "PUT", .bucket, ["ownershipControls"],
            run: PutBucketOwnershipControls.run),
        Operation(
            "GetBucketOwnershipControls", "GET", .bucket, ["ownershipControls"],
            run: GetBucketOwnershipControls.run),
        Operation(
            "DeleteBucketOwnershipControls", "DELETE", .bucket, ["ownershipControls"],
            run: DeleteBucketOwnershipControls.run),
        Operation("PutBucketAcl", "PUT", .bucket, ["acl"], run: PutBucketAcl.run),
        Operation("GetBucketAcl", "GET", .bucket, ["acl"], run: GetBucketAcl.run),
        Operation("PutObjectAcl", "PUT", .object, ["acl"], run: PutObjectAcl.run),
        Operation("GetObjectAcl", "GET", .object, ["acl"], run: GetObjectAcl.run),
    ]
}

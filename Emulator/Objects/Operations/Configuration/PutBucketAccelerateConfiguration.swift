import AWSProtocol
import HTTPTypes

/// PUT /bucket?accelerate: whether transfers may take AWS's shorter ways. There are none here.
enum PutBucketAccelerateConfiguration {
    static let configuration = BucketConfiguration(
        kind: .accelerate,
        shape: DocumentShape(
            "AccelerateConfiguration", [.required("Status", .word(["Enabled", "Suspended"]))]),
        absence: .document([]), needsDigest: false)

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await configuration.put(request, core) { tree, bucket, _ in
            guard !request.bucket.contains(".") else {
                throw AWSError.invalidRequest(
                    "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names")
            }
            // What was never on cannot be suspended, and stays as it was.
            if tree["Status"] == "Suspended", bucket.documents[.accelerate] == nil { return nil }
            return tree
        }
    }
}

import AWSProtocol
import HTTPTypes

/// PUT /bucket?requestPayment: who pays for requests. Nobody does here.
enum PutBucketRequestPayment {
    static let configuration = BucketConfiguration(
        kind: .requestPayment,
        shape: DocumentShape(
            "RequestPaymentConfiguration", [.required("Payer", .word(["Requester", "BucketOwner"]))]),
        absence: .document([XMLElement(name: "Payer", text: "BucketOwner")]),
        needsDigest: false)

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await configuration.put(request, core)
    }
}

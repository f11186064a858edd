import HTTPTypes

/// GET /bucket?requestPayment: who pays.
enum GetBucketRequestPayment {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try PutBucketRequestPayment.configuration.get(request, core)
    }
}

import HTTPTypes

/// HEAD /bucket.
enum HeadBucket {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let record = try core.store.read { try core.bucket(request.bucket, in: $0) }
        return HTTPResponse(
            status: 200,
            headers: HTTPHeaders([
                ("x-amz-bucket-region", Region.name(ofLocation: record.region)),
                ("x-amz-access-point-alias", "false"),
                ("x-amz-bucket-arn", "arn:aws:s3:::\(request.bucket)"), ("Content-Type", "application/xml"),
            ]))
    }
}

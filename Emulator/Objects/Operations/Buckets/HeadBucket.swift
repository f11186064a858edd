import AWSProtocol
import HTTPTypes
import Store

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

    /// Where a bucket is, even those learn who may not ask: clients find the right endpoint by that.
    static func located(
        _ error: AWSError, _ http: HTTPRequest, _ context: AWSContext, _ core: ObjectsCore
    ) -> AWSError {
        guard http.method == "HEAD", [400, 403].contains(error.status),
            let request = try? S3Request(http, context), request.address.key == nil,
            let name = request.address.bucket,
            let record = try? core.store.read({ try core.bucket(name, in: $0) })
        else { return error }
        var error = error
        error.headers["x-amz-bucket-region"] = Region.name(ofLocation: record.region)
        return error
    }
}

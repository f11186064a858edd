import HTTPTypes

/// DELETE /bucket/key?uploadId=.
enum AbortMultipartUpload {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let (bucket, key, id) = (request.bucket, request.key, Multipart.uploadID(of: request))
        try await core.store.commit { transaction in
            let upload = try core.upload(id, bucket, key, in: transaction)
            try Multipart.remove(upload, bucket: bucket, in: transaction)
        }
        return HTTPResponse(status: 204)
    }
}

import HTTPTypes

/// DELETE /bucket?cors: also fine when there are no rules.
enum DeleteBucketCors {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let bucket = request.bucket
        try await core.store.commit { transaction in
            var record = try core.bucket(bucket, in: transaction)
            record.cors = []
            transaction.put(.objects, StorageKeys.bucket(bucket), record.encoded())
        }
        return HTTPResponse(status: 204)
    }
}

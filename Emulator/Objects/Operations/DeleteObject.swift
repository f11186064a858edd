import AWSProtocol
import HTTPTypes
import Store

/// DELETE /bucket/key: a key that is not there counts as deleted.
enum DeleteObject {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        for name in ["x-amz-if-match-last-modified-time", "x-amz-if-match-size"]
        where request.header(name) != nil {
            throw AWSError.notImplementedHeader(name)
        }
        let (bucket, key) = (request.bucket, request.key)
        let ifMatch = request.http.headers["If-Match"]
        let version = request.value("versionId")
        if let version, version != "null", version.utf8.count != 32 {
            throw AWSError.invalidArgument(
                "Invalid version id specified", name: "versionId", value: version)
        }
        try await core.store.commit { transaction in
            let current = try core.object(bucket, key, in: transaction)
            if let version, version != "null" { throw AWSError.noSuchVersion(key, version) }
            try remove(key, of: bucket, current, ifMatch: ifMatch, transaction)
        }
        return HTTPResponse(status: 204)
    }

    /// Removes record and body in one transaction.
    static func remove(
        _ key: [UInt8], of bucket: String, _ current: ObjectRecord?, ifMatch: String?,
        _ transaction: Transaction
    ) throws(AWSError) {
        guard let current else { return }
        if let ifMatch, !ETag.matches(ifMatch, current.etag) { throw .preconditionFailed("If-Match") }
        ObjectsCore.release(current.body, in: transaction)
        transaction.delete(.objects, StorageKeys.object(bucket, key))
    }
}

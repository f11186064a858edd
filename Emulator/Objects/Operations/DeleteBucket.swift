import AWSProtocol
import HTTPTypes
import Store

/// DELETE /bucket: only when it holds no object. Unfinished uploads go with it.
enum DeleteBucket {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let name = request.bucket
        try await core.store.commit { transaction in
            _ = try core.bucket(name, in: transaction)
            guard try isEmpty(name, transaction) else {
                throw AWSError(
                    code: "BucketNotEmpty", status: 409,
                    message: "The bucket you tried to delete is not empty",
                    elements: [("BucketName", name)])
            }
            for upload in try uploads(of: name, transaction) {
                try Multipart.remove(upload, bucket: name, core, transaction)
            }
            transaction.delete(.objects, StorageKeys.bucket(name))
        }
        return HTTPResponse(status: 204)
    }

    private static func isEmpty(_ bucket: String, _ transaction: Transaction) throws -> Bool {
        let prefix = StorageKeys.objectPrefix(bucket)
        var isEmpty = true
        try transaction.scan(
            .objects, from: prefix, to: StorageKeys.successor(of: prefix), reverse: false
        ) { _, _ in
            isEmpty = false
            return false
        }
        return isEmpty
    }

    private static func uploads(of bucket: String, _ transaction: Transaction) throws -> [UploadRecord] {
        let prefix = StorageKeys.uploadPrefix(bucket)
        var uploads: [UploadRecord] = []
        try transaction.scan(
            .objects, from: prefix, to: StorageKeys.successor(of: prefix), reverse: false
        ) { _, value in
            uploads.append(try UploadRecord(decoding: value))
            return true
        }
        return uploads
    }
}

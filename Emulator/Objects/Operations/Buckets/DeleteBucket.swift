import AWSProtocol
import HTTPTypes
import Store

/// DELETE /bucket: only when it holds no object. Unfinished uploads go with it.
enum DeleteBucket {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let name = request.bucket
        try await core.store.commit { transaction in
            let record = try core.bucket(name, in: transaction)
            let prefixes = [StorageKeys.objectPrefix(name), StorageKeys.versionPrefix(name)]
            guard try prefixes.allSatisfy({ try isEmpty($0, transaction) }) else {
                let hint =
                    record.versioning == .never ? "" : ". You must delete all versions in the bucket."
                throw AWSError(
                    code: "BucketNotEmpty", status: 409,
                    message: "The bucket you tried to delete is not empty" + hint,
                    elements: [("BucketName", name)])
            }
            for upload in try uploads(of: name, transaction) {
                try Multipart.remove(upload, bucket: name, core, transaction)
            }
            transaction.delete(.objects, StorageKeys.bucket(name))
        }
        return HTTPResponse(status: 204)
    }

    private static func isEmpty(_ prefix: [UInt8], _ transaction: Transaction) throws -> Bool {
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

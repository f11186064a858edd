import AWSProtocol
import HTTPTypes
import Store

/// DELETE /bucket: only when it holds no object. Unfinished uploads go with it.
enum DeleteBucket {
    /// Uploads that one commit ends.
    private static let portion = 1_000

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        var start: [UInt8]? = StorageKeys.uploadPrefix(request.bucket)
        while let from = start { start = try await step(request.bucket, from, core) }
        return HTTPResponse(status: 204)
    }

    /// Ends a portion of the uploads. Where there are no more, the bucket goes.
    /// - Returns: where to go on; nil when the bucket is gone.
    private static func step(
        _ name: String, _ start: [UInt8], _ core: ObjectsCore
    ) async throws -> [UInt8]? {
        let prefix = StorageKeys.uploadPrefix(name)
        return try await core.store.commit { transaction in
            let record = try core.bucket(name, in: transaction)
            try requireEmpty(name, record, transaction)
            let (uploads, next) = try uploads(of: name, from: start, transaction)
            for upload in uploads { try Multipart.remove(upload, bucket: name, in: transaction) }
            if let next { return next }
            // Meanwhile others may have begun, and objects come.
            guard start == prefix else { return prefix }
            transaction.delete(.objects, StorageKeys.bucket(name))
            return nil
        }
    }

    private static func requireEmpty(
        _ name: String, _ record: BucketRecord, _ transaction: Transaction
    ) throws {
        let prefixes = [StorageKeys.objectPrefix(name), StorageKeys.versionPrefix(name)]
        guard try prefixes.allSatisfy({ try isEmpty($0, transaction) }) else {
            let hint = record.versioning == .never ? "" : ". You must delete all versions in the bucket."
            throw AWSError(
                code: "BucketNotEmpty", status: 409,
                message: "The bucket you tried to delete is not empty" + hint,
                elements: [("BucketName", name)])
        }
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

    /// - Returns: a portion of the uploads, and where the next one begins; nil at the end.
    private static func uploads(
        of bucket: String, from start: [UInt8], _ transaction: Transaction
    ) throws -> ([UploadRecord], next: [UInt8]?) {
        let end = StorageKeys.successor(of: StorageKeys.uploadPrefix(bucket))
        var uploads: [UploadRecord] = []
        var next: [UInt8]?
        try transaction.scan(.objects, from: start, to: end) { key, value in
            guard uploads.count < portion else {
                next = key
                return false
            }
            uploads.append(try UploadRecord(decoding: value))
            return true
        }
        return (uploads, next)
    }
}

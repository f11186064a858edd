import AWSProtocol
import Bytes
import Store

/// What the operations on multipart uploads share.
enum Multipart {
    static let partNumbers = 1...10_000

    static func partNumber(of request: S3Request) throws(AWSError) -> Int {
        guard let text = request.value("partNumber"), let number = Int(text), partNumbers.contains(number)
        else { throw .invalidPartNumber }
        return number
    }

    static func uploadID(of request: S3Request) -> String { request.value("uploadId") ?? "" }

    /// Ends an upload; its parts go in the background.
    static func remove(_ upload: UploadRecord, bucket: String, in transaction: Transaction) throws {
        transaction.delete(.objects, StorageKeys.upload(bucket, upload.key, upload.id))
        try LeftParts.leave(StorageKeys.partPrefix(upload.id), in: transaction)
    }

    /// Ends an upload that becomes an object.
    /// - Parameter keeping: numbers of the parts whose bodies go on living in the object.
    static func finish(
        _ upload: UploadRecord, _ parts: [UploadedPart], keeping: Set<Int>, bucket: String,
        _ transaction: Transaction
    ) throws {
        for part in parts {
            if !keeping.contains(part.number) { try ObjectsCore.release(part.record.body, in: transaction) }
            transaction.delete(.objects, StorageKeys.part(upload.id, part.number))
        }
        transaction.delete(.objects, StorageKeys.upload(bucket, upload.key, upload.id))
    }

    /// Stores one part; one of the same number goes.
    static func store(
        _ accepted: AcceptedBody, as number: Int, of uploadID: String, _ request: S3Request,
        _ core: ObjectsCore
    ) async throws {
        let (bucket, key, now) = (request.bucket, request.key, request.context.now)
        try await core.store.commit { transaction in
            let body = ObjectsCore.attach(accepted.prepared, in: transaction)
            // The upload may have been completed or aborted while the part was on its way.
            _ = try core.upload(uploadID, bucket, key, in: transaction)
            let place = StorageKeys.part(uploadID, number)
            if let old = try transaction.get(.objects, place) {
                try ObjectsCore.release(try PartRecord(decoding: old).body, in: transaction)
            }
            let record = PartRecord(
                size: accepted.length, md5: accepted.md5, lastModified: now, checksum: accepted.checksum,
                crc64: accepted.crc64, body: body)
            transaction.put(.objects, place, record.encoded())
        }
    }
}

import AWSProtocol
import Bytes
import Store

/// What the operations on multipart uploads share.
enum Multipart {
    static let partNumbers = 1...10_000

    static func partNumber(of request: S3Request) throws(AWSError) -> Int {
        let text = request.value("partNumber")
        guard let number = text.flatMap({ Int($0) }), partNumbers.contains(number) else {
            throw .invalidPartNumber(text)
        }
        return number
    }

    /// A part whose upload was forgotten must not become an object.
    static func refuseLonePartNumber(_ request: S3Request) throws(AWSError) {
        guard request.has("partNumber") else { return }
        throw .invalidArgument(
            "This operation does not accept partNumber without uploadId", name: "partNumber",
            value: "partNumber")
    }

    static func uploadID(of request: S3Request) -> String { request.value("uploadId") ?? "" }

    /// Who began an upload and whose it is. Only of the former S3 still tells a name.
    static func writeParties(_ core: ObjectsCore, to xml: inout XMLWriter) {
        xml.element("Initiator") {
            $0.text("ID", core.ownerID)
            $0.text("DisplayName", core.configuration.accountID)
        }
        xml.element("Owner") { $0.text("ID", core.ownerID) }
    }

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

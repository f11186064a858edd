import AWSProtocol
import Bytes
import Clock
import HTTPTypes
import Store

/// POST /bucket/key?uploadId=: makes one object of the listed parts. Their bodies become the object's: no byte is
/// read or copied, however long they are.
enum CompleteMultipartUpload {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let order = Order(
            bucket: request.bucket, key: request.key, uploadID: Multipart.uploadID(of: request),
            conditions: try WriteConditions(request), listed: try CompletionList.read(try request.document()),
            claims: try CompletionClaims(request), event: ObjectEvent.Origin(request))
        let now = request.context.now
        let (completed, written) = try await core.store.commit {
            transaction -> (CompletedUpload, (record: ObjectRecord, bucket: BucketRecord)?) in
            // Asked again after it has succeeded: the answer of then.
            let known = try CompletedUpload.find(
                order.uploadID, order.bucket, order.key, list: order.listed.digest, in: transaction)
            if let known {
                _ = try core.bucket(order.bucket, in: transaction)
                return (known, nil)
            }
            let written = try order.run(core, transaction, now: now)
            let completed = CompletedUpload(
                bucket: order.bucket, key: order.key, list: order.listed.digest, time: now,
                written.record, written.bucket.versioning)
            completed.note(order.uploadID, in: transaction)
            return (completed, written)
        }
        var response = answer(completed, request)
        if let (record, bucket) = written {
            try response.headers.add(expirationOf: record, order.key, in: bucket, core)
        }
        return response
    }

    private static func answer(_ completed: CompletedUpload, _ request: S3Request) -> HTTPResponse {
        var response = ObjectsCore.xml("CompleteMultipartUploadResult") { xml in
            xml.text("Location", "http://\(request.http.headers["Host"] ?? "localhost")\(request.http.path)")
            xml.text("Bucket", request.bucket)
            xml.text("Key", request.keyText)
            xml.text("ETag", ETag.quoted(completed.etag))
            xml.text(completed.checksum.algorithm.elementName, completed.checksum.value)
            xml.text("ChecksumType", completed.checksum.kind.rawValue)
        }
        var attributes = ObjectAttributes()
        attributes.encryption = completed.encryption
        response.headers.add(encryptionOf: attributes)
        if let version = completed.version { response.headers.add("x-amz-version-id", version) }
        return response
    }

    /// All that the client asks for.
    private struct Order: Sendable {
        var bucket: String
        var key: [UInt8]
        var uploadID: String
        var conditions: WriteConditions
        var listed: CompletionList
        var claims: CompletionClaims
        var event: ObjectEvent.Origin

        /// Runs inside one commit, so that nothing can come between the checks and the object.
        func run(
            _ core: ObjectsCore, _ transaction: Transaction, now: Timestamp
        ) throws -> (record: ObjectRecord, bucket: BucketRecord) {
            let upload = try core.upload(uploadID, bucket, key, in: transaction)
            let stored = try core.parts(of: uploadID, in: transaction)
            let chosen = try listed.chosen(from: stored, upload, claims)
            let (parts, digest) = try PartedObject.make(of: chosen, upload)
            try claims.check(size: digest.length, upload, digest.checksum)
            let versions = Versions(bucket: bucket, key: key)
            try check(conditions, try versions.current(in: transaction), upload)
            let listedNumbers = Set(parts.map(\.number))
            try Multipart.finish(upload, stored, keeping: listedNumbers, bucket: bucket, transaction)
            let bucketRecord = try core.bucket(bucket, in: transaction)
            // S3 dates an object that came in parts by the start of its upload.
            var record = ObjectRecord(
                size: digest.length, etag: digest.etag, lastModified: upload.initiated,
                attributes: upload.attributes, checksum: digest.checksum,
                body: .parts(PartList(parts, in: transaction)))
            record.hasChosenPartChecksums = upload.checksumAlgorithm != nil
            let written = try versions.add(
                record, versioning: bucketRecord.versioning, at: now, in: transaction)
            ObjectEvent(
                "ObjectCreated:CompleteMultipartUpload", versions, written, bucketRecord, at: now, by: event
            )
            .note(bucketRecord, in: transaction)
            return (written, bucketRecord)
        }

        /// A write that came between start and end of the upload is a conflict, though the condition holds.
        private func check(
            _ conditions: WriteConditions, _ current: ObjectRecord?, _ upload: UploadRecord
        ) throws(AWSError) {
            try conditions.check(current, key: key)
            let isConflict =
                if conditions.needsAbsence {
                    upload.foundObject
                } else if !conditions.isEmpty, let current {
                    current.order > upload.order
                } else {
                    false
                }
            guard isConflict else { return }
            throw AWSError(
                code: "ConditionalRequestConflict", status: 409,
                message: "The conditional request cannot succeed due to a conflicting operation against this "
                    + "resource.",
                elements: [
                    ("Condition", conditions.needsAbsence ? "If-None-Match" : "If-Match"),
                    ("Key", String(utf8: key)),
                ])
        }
    }
}

/// The object that parts make together.
enum PartedObject {
    static func make(
        of chosen: [UploadedPart], _ upload: UploadRecord
    ) throws(AWSError) -> (parts: [ObjectPart], digest: PartedDigest) {
        let algorithm = upload.checksumAlgorithm ?? .crc64nvme
        var digest = PartedDigest(
            algorithm, upload.checksumAlgorithm == nil ? .fullObject : upload.checksumKind)
        var parts: [ObjectPart] = []
        parts.reserveCapacity(chosen.count)
        for (number, part) in chosen {
            // A part of an earlier version of this program, before parts had this checksum: to be sent again.
            guard let crc64 = part.crc64 else {
                throw .invalidPart(number, Hex.encode(part.md5), upload.id)
            }
            parts.append(ObjectPart(number: number, start: digest.length, part, crc64: crc64))
            let raw =
                algorithm == .crc64nvme
                ? ByteOrder.bytes(crc64) : Base64.decode(part.checksum.value) ?? []
            digest.append(length: part.size, checksum: raw, md5: part.md5)
        }
        return (parts, digest)
    }
}

/// What a client says of the whole object when it completes an upload.
struct CompletionClaims: Sendable {
    private var size: Int64?
    private var kind: String?
    private var checksums: [ChecksumAlgorithm: String] = [:]

    init(_ request: S3Request) throws(AWSError) {
        size = try Self.size(of: request)
        kind = request.header("x-amz-checksum-type")
        for algorithm in ChecksumAlgorithm.allCases {
            guard let value = request.header(algorithm.headerName) else { continue }
            guard Self.isWellFormed(value, algorithm) else {
                throw .malformedChecksum(algorithm.headerName)
            }
            checksums[algorithm] = value
        }
    }

    /// A composite checksum may be claimed with or without the number of its parts.
    private static func isWellFormed(_ value: String, _ algorithm: ChecksumAlgorithm) -> Bool {
        let parts = value.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let checksum = parts.first, algorithm.isWellFormed(String(checksum)) else { return false }
        return parts.count == 1 || Int(parts[1]).map { $0 > 0 } == true
    }

    func claims(_ algorithm: ChecksumAlgorithm) -> Bool { checksums[algorithm] != nil }

    static func mismatch(_ algorithm: ChecksumAlgorithm) -> AWSError {
        AWSError(
            code: "BadDigest",
            message: "The \(algorithm.rawValue.lowercased()) you specified did not match the calculated "
                + "checksum.")
    }

    /// In bytes.
    private static func size(of request: S3Request) throws(AWSError) -> Int64? {
        let name = "x-amz-mp-object-size"
        guard let text = request.header(name) else { return nil }
        guard let size = Int64(text) else {
            throw .invalidRequest("Value for \(name) header is invalid: '\(text)'")
        }
        guard size >= 0 else {
            throw .invalidRequest("Value for \(name) header is less than zero: '\(text)'")
        }
        return size
    }

    /// Holds the claims against what was computed.
    func check(size computed: Int64, _ upload: UploadRecord, _ checksum: StoredChecksum) throws(AWSError) {
        if let size, size != computed {
            throw .invalidRequest(
                "The provided 'x-amz-mp-object-size' header value \(size) does not match what was computed: "
                    + "\(computed)")
        }
        if let kind, upload.checksumAlgorithm != nil, kind.uppercased() != upload.checksumKind.rawValue {
            throw .invalidRequest(
                "The upload was created using the \(upload.checksumKind.rawValue) checksum mode. The complete "
                    + "request must use the same checksum mode.")
        }
        guard let claimed = checksums[checksum.algorithm], claimed != checksum.value,
            !checksum.value.hasPrefix("\(claimed)-")
        else { return }
        throw Self.mismatch(checksum.algorithm)
    }
}

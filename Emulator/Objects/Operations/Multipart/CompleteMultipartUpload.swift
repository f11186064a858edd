import AWSProtocol
import Bytes
import Digests
import HTTPTypes
import Store

/// POST /bucket/key?uploadId=: joins the listed parts to one object. The bytes are copied in pieces, so
/// that a reader later needs one file and memory stays flat.
enum CompleteMultipartUpload {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let (bucket, key, id) = (request.bucket, request.key, Multipart.uploadID(of: request))
        let conditions = try WriteConditions(request)
        let listed = try CompletionList.read(try request.document())
        let (upload, stored) = try core.store.read { snapshot in
            (
                try core.upload(id, bucket, key, in: snapshot), try core.parts(of: id, in: snapshot)
            )
        }
        let parts = try listed.chosen(from: stored, upload)
        try checkSize(of: parts, request)
        let joined = try await join(parts, upload, core)
        let checksum = checksum(of: parts, upload, joined)
        try checkClaim(request, upload, checksum)
        let etag = "\(MD5.hex(parts.flatMap(\.record.md5)))-\(parts.count)"
        let versions = Versions(bucket: bucket, key: key)
        let (now, origin) = (request.context.now, ObjectEvent.Origin(request))
        let (written, bucketRecord) = try await core.store.commit { transaction in
            let body = ObjectsCore.attach(joined.prepared, in: transaction)
            let bucketRecord = try core.bucket(bucket, in: transaction)
            let current = try versions.current(in: transaction)
            // A part may have been replaced, or the upload be gone, since it was read.
            _ = try core.upload(id, bucket, key, in: transaction)
            let newest = try core.parts(of: id, in: transaction)
            for part in parts
            where !newest.contains(where: { $0.number == part.number && $0.record.body == part.record.body })
            {
                throw AWSError.invalidPart(part.number, Hex.encode(part.record.md5), id)
            }
            try check(conditions, current, upload)
            try Multipart.remove(upload, bucket: bucket, core, transaction)
            // S3 dates an object that came in parts by the start of its upload.
            let record = ObjectRecord(
                size: joined.length, etag: etag, lastModified: upload.initiated,
                attributes: upload.attributes, checksum: checksum,
                parts: parts.map { PartBoundary(number: $0.number, size: $0.record.size) }, body: body)
            let written = try versions.add(record, versioning: bucketRecord.versioning, in: transaction)
            ObjectEvent(
                "ObjectCreated:CompleteMultipartUpload", versions, written, bucketRecord, at: now, by: origin
            )
            .note(bucketRecord, in: transaction)
            return (written, bucketRecord)
        }
        var response = ObjectsCore.xml("CompleteMultipartUploadResult") { xml in
            xml.text("Location", "http://\(request.http.headers["Host"] ?? "localhost")\(request.http.path)")
            xml.text("Bucket", bucket)
            xml.text("Key", request.keyText)
            xml.text("ETag", ETag.quoted(etag))
            xml.text(checksum.algorithm.elementName, checksum.value)
            xml.text("ChecksumType", checksum.kind.rawValue)
        }
        response.headers.add(encryptionOf: written.attributes)
        response.headers.add(versionOf: written, in: bucketRecord)
        return response
    }

    private static func checkSize(of parts: [UploadedPart], _ request: S3Request) throws(AWSError) {
        guard let text = request.header("x-amz-mp-object-size") else { return }
        let size = parts.reduce(0) { $0 + $1.record.size }
        guard Int64(text) == size else {
            throw .invalidRequest(
                "The provided 'x-amz-mp-object-size' header value \(text) does not match what was computed: "
                    + "\(size)")
        }
    }

    private static func join(
        _ parts: [UploadedPart], _ upload: UploadRecord, _ core: ObjectsCore
    ) async throws -> AcceptedBody {
        try await core.blocking {
            var digests = BodyDigests(upload.checksumAlgorithm ?? .crc64nvme)
            var sink = BodySink(core.store.blobs)
            for part in parts {
                // One at a time: ten thousand open files would be more than a process may have.
                let body = try core.store.read {
                    try core.open(part.record.body, size: part.record.size, in: $0)
                }
                try Files.read(body) { piece in
                    digests.update(piece)
                    try sink.write(piece)
                }
            }
            return AcceptedBody(
                prepared: try sink.finish(), length: digests.length, md5: digests.md5,
                checksum: digests.storedChecksum)
        }
    }

    private static func checksum(
        of parts: [UploadedPart], _ upload: UploadRecord, _ joined: AcceptedBody
    ) -> StoredChecksum {
        guard let algorithm = upload.checksumAlgorithm, upload.checksumKind == .composite else {
            return joined.checksum
        }
        var hasher = ChecksumHasher(algorithm)
        let raw = parts.flatMap { Base64.decode($0.record.checksum.value) ?? [] }
        raw.withUnsafeBytes { hasher.update($0) }
        return StoredChecksum(
            algorithm: algorithm, value: "\(Base64.encode(hasher.finished()))-\(parts.count)",
            kind: .composite)
    }

    /// Holds the value for the whole object that a client may send against the computed one.
    private static func checkClaim(
        _ request: S3Request, _ upload: UploadRecord, _ checksum: StoredChecksum
    ) throws(AWSError) {
        if let type = request.header("x-amz-checksum-type"), upload.checksumAlgorithm != nil,
            type.uppercased() != upload.checksumKind.rawValue
        {
            throw .invalidRequest(
                "The upload was created using the \(upload.checksumKind.rawValue) checksum mode. The complete "
                    + "request must use the same checksum mode.")
        }
        guard let claimed = request.header(checksum.algorithm.headerName), claimed != checksum.value else {
            return
        }
        throw AWSError(
            code: "BadDigest",
            message: "The \(checksum.algorithm.rawValue.lowercased()) you specified did not match the "
                + "calculated checksum.")
    }

    /// A write that came between start and end of the upload is a conflict, not just a false condition.
    private static func check(
        _ conditions: WriteConditions, _ current: ObjectRecord?, _ upload: UploadRecord
    ) throws(AWSError) {
        do throws(AWSError) {
            try conditions.check(current, key: upload.key)
        } catch {
            guard let current, !conditions.needsAbsence, current.lastModified > upload.initiated else {
                throw error
            }
            throw AWSError(
                code: "ConditionalRequestConflict", status: 409,
                message: "The conditional request cannot succeed due to a conflicting operation against this "
                    + "resource.",
                elements: [("Condition", "If-Match"), ("Key", String(utf8: upload.key))])
        }
    }
}

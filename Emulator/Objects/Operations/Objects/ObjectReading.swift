import AWSProtocol
import Clock
import HTTPTypes
import Store

/// What GetObject and HeadObject share: which object, whether, which bytes, and all headers.
struct ObjectReading {
    var status: Int
    var headers: HTTPHeaders
    /// The bytes that were asked for; nil for HEAD and when the status has no body.
    var body: HTTPBody?

    static func prepare(
        _ request: S3Request, _ core: ObjectsCore, withBody: Bool
    ) throws -> ObjectReading {
        let selector = try VersionSelector(request)
        try ObjectEncryption.refuseWish(in: request)
        let versions = Versions(bucket: request.bucket, key: request.key)
        return try core.store.read { snapshot in
            let bucket = try core.bucket(request.bucket, in: snapshot)
            let record = try selector.find(versions, method: request.http.method, in: snapshot)
            try CustomerKey.admit(request, to: record.attributes.encryption)
            return try describe(record, bucket, request, core, snapshot, withBody: withBody)
        }
    }

    private static func describe(
        _ record: ObjectRecord, _ bucket: BucketRecord, _ request: S3Request, _ core: ObjectsCore,
        _ snapshot: Snapshot, withBody: Bool
    ) throws -> ObjectReading {
        let conditions = ReadConditions(request)
        switch conditions.evaluate(etag: record.etag, lastModified: record.lastModified) {
        case .failed(let condition): throw AWSError.preconditionFailed(condition)
        case .notModified:
            let headers = HTTPHeaders([
                ("ETag", ETag.quoted(record.etag)), ("Last-Modified", record.lastModified.rfc1123),
            ])
            return ObjectReading(status: 304, headers: headers, body: nil)
        case .proceed: break
        }
        if withBody, record.isArchived(at: request.context.now) {
            throw AWSError.archived(record, "The operation is not valid for the object's storage class")
        }
        let selection = try Selection(request, record, in: snapshot)
        var headers = try ObjectHeaders.describing(
            record, for: request, checksum: try selection.checksum(of: record, in: snapshot))
        if bucket.versioning != .never { headers.add("x-amz-version-id", record.version.text) }
        headers.add(restoreOf: record, at: request.context.now)
        if !request.has("versionId") {
            try headers.add(expirationOf: record, request.key, in: bucket, core)
        }
        headers.add("Content-Length", String(selection.range.count))
        if selection.isPartial {
            headers["Content-Range"] =
                "bytes \(selection.range.lowerBound)-\(selection.range.upperBound - 1)/\(record.size)"
        }
        if selection.part != nil, let count = record.partCount {
            headers["x-amz-mp-parts-count"] = String(count)
        }
        // Opened while the snapshot holds it.
        let body =
            withBody
            ? try core.open(record.body, size: record.size, range: selection.range, in: snapshot) : nil
        return ObjectReading(status: selection.isPartial ? 206 : 200, headers: headers, body: body)
    }

    /// The bytes that a read asks for, by range or by part.
    private struct Selection {
        var range: Range<Int64>
        var isPartial = false
        var part: Int?

        init(_ request: S3Request, _ record: ObjectRecord, in reader: any Reading) throws {
            range = 0..<record.size
            let header = request.http.headers["Range"]
            if let text = request.value("partNumber") {
                if header != nil {
                    throw AWSError.invalidRequest(
                        "Cannot specify both Range header and partNumber query parameter")
                }
                guard let number = Int(text), (1...10_000).contains(number) else {
                    throw AWSError.invalidPartNumber(text)
                }
                part = number
                isPartial = record.size > 0
                range = try Self.range(ofPart: number, record, in: reader)
            } else if let header, let asked = ByteRange(header) {
                guard let resolved = asked.resolved(size: record.size) else {
                    throw AWSError(
                        code: "InvalidRange", status: 416,
                        message: "The requested range is not satisfiable",
                        elements: [
                            ("ActualObjectSize", String(record.size)), ("RangeRequested", header),
                        ],
                        headers: ["Content-Range": "bytes */\(record.size)"])
                }
                range = resolved
                isPartial = true
            }
        }

        /// The checksum of the selected bytes: of the whole, or of a part that the client gave one.
        func checksum(of record: ObjectRecord, in reader: any Reading) throws -> StoredChecksum? {
            guard let part, case .parts(let list) = record.body else {
                return range == 0..<record.size ? record.checksum : nil
            }
            guard record.hasChosenPartChecksums else { return nil }
            var checksum = try list.part(at: part - 1, in: reader).checksum
            checksum.kind = record.checksum.kind
            return checksum
        }

        /// An object that was not uploaded in parts is its own part 1.
        private static func range(
            ofPart number: Int, _ record: ObjectRecord, in reader: any Reading
        ) throws -> Range<Int64> {
            let count = record.partCount ?? 1
            guard number <= count else {
                throw AWSError(
                    code: "InvalidPartNumber", status: 416,
                    message: "The requested partnumber is not satisfiable",
                    elements: [
                        ("ActualPartCount", String(count)), ("PartNumberRequested", String(number)),
                    ])
            }
            if case .parts(let list) = record.body { return try list.part(at: number - 1, in: reader).range }
            let sizes = record.parts.isEmpty ? [record.size] : record.parts.map(\.size)
            let start = sizes[..<(number - 1)].reduce(0, +)
            return start..<start + sizes[number - 1]
        }
    }
}

extension ObjectRecord {
    /// Whether the bytes lie in an archive and no restored copy of them stands ready.
    func isArchived(at now: Timestamp) -> Bool {
        guard StorageClass.isArchive(attributes.storageClass) else { return false }
        return restoredUntil.map { $0 <= now } ?? true
    }
}

extension AWSError {
    static func archived(_ record: ObjectRecord, _ message: String) -> AWSError {
        AWSError(
            code: "InvalidObjectState", status: 403, message: message,
            elements: [("StorageClass", record.attributes.storageClass)])
    }
}

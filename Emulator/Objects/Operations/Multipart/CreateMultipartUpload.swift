import AWSProtocol
import Bytes
import HTTPTypes

/// POST /bucket/key?uploads.
enum CreateMultipartUpload {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let (bucket, key) = (request.bucket, request.key)
        let sent = try AttributeReader.read(from: request)
        let wish = try EncryptionWish(request)
        let (algorithm, kind) = try checksum(of: request)
        let now = request.context.now
        let (id, attributes, record) = try await core.store.commit { transaction in
            let record = try core.bucket(bucket, in: transaction)
            var attributes = sent
            attributes.encryption = try wish.resolved(in: record, core)
            attributes.lock = try attributes.lock.granted(by: record, at: now)
            // The sequence number keeps uploads of one key in the order they began; the rest makes ids
            // impossible to guess.
            let order = Hex.encode(ByteOrder.bytes(transaction.nextSequence()))
            let random = (UUID4.make() + UUID4.make()).filter { $0 != "-" }
            let id = "\(order)\(random)"
            var upload = UploadRecord(
                key: key, id: id, initiated: now, attributes: attributes, checksumAlgorithm: algorithm,
                checksumKind: kind)
            let current = try Versions(bucket: bucket, key: key).current(in: transaction)
            upload.foundObject = current != nil
            transaction.put(.objects, StorageKeys.upload(bucket, key, id), upload.encoded())
            return (id, attributes, record)
        }
        var response = ObjectsCore.xml("InitiateMultipartUploadResult") { xml in
            xml.text("Bucket", bucket)
            xml.text("Key", request.keyText)
            xml.text("UploadId", id)
        }
        response.headers.add(encryptionOf: attributes)
        try response.headers.add(abortionOf: key, initiated: now, in: record, core)
        if let algorithm {
            response.headers.add("x-amz-checksum-algorithm", algorithm.rawValue)
            response.headers.add("x-amz-checksum-type", kind.rawValue)
        }
        return response
    }

    private static func checksum(
        of request: S3Request
    ) throws(AWSError) -> (ChecksumAlgorithm?, StoredChecksum.Kind) {
        let type = request.header("x-amz-checksum-type")
        guard let name = request.header("x-amz-checksum-algorithm") else {
            guard type == nil else {
                throw .invalidRequest(
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
                )
            }
            return (nil, .fullObject)
        }
        guard !name.contains(",") else {
            throw .invalidRequest("Invalid types are specified in x-amz-checksum-algorithm header.")
        }
        guard let algorithm = ChecksumAlgorithm(rawValue: name.uppercased()) else {
            throw .unsupportedChecksumAlgorithm
        }
        guard let type else { return (algorithm, algorithm.defaultMultipartKind) }
        guard let kind = StoredChecksum.Kind(rawValue: type.uppercased()) else {
            throw .invalidRequest("Value for x-amz-checksum-type header is invalid.")
        }
        let isCRC = ![.sha1, .sha256].contains(algorithm)
        if kind == .composite ? algorithm == .crc64nvme : !isCRC {
            throw .invalidRequest(
                "The \(kind.rawValue) checksum type cannot be used with the "
                    + "\(algorithm.rawValue.lowercased()) checksum algorithm.")
        }
        return (algorithm, kind)
    }
}

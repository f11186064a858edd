import AWSProtocol
import Bytes
import HTTPTypes

/// PUT /bucket/key?partNumber=&uploadId= with `x-amz-copy-source`: a part out of another object.
enum UploadPartCopy {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let number = try Multipart.partNumber(of: request)
        let id = Multipart.uploadID(of: request)
        let source = try CopySource(request)
        let upload = try core.store.read {
            try core.upload(id, request.bucket, request.key, in: $0)
        }
        try CustomerKey.admit(part: request, of: upload)
        let (record, sourceBucket, whole) = try source.open(request, core)
        let body = try slice(whole, record.size, request)
        try CopyObject.checkSize(body.length)
        let algorithm = upload.checksumAlgorithm ?? .crc64nvme
        let accepted = try await CopySource.accept(body, algorithm, core)
        try await Multipart.store(accepted, as: number, of: id, request, core)
        let now = request.context.now
        var response = ObjectsCore.xml("CopyPartResult") { xml in
            xml.text("LastModified", ListingText.time(now))
            xml.text("ETag", ETag.quoted(Hex.encode(accepted.md5)))
            if upload.checksumAlgorithm != nil {
                xml.text(accepted.checksum.algorithm.elementName, accepted.checksum.value)
            }
        }
        response.headers.add(encryptionOf: upload.attributes)
        if sourceBucket.versioning != .never {
            response.headers.add("x-amz-copy-source-version-id", record.version.text)
        }
        return response
    }

    private static func slice(_ body: HTTPBody, _ size: Int64, _ request: S3Request) throws -> HTTPBody {
        guard let header = request.header("x-amz-copy-source-range") else { return body }
        guard case .firstLast(let first, let last) = ByteRange(header) else {
            throw AWSError.invalidArgument(
                "The x-amz-copy-source-range value must be of the form bytes=first-last where first and "
                    + "last are the zero-based offsets of the first and last bytes to copy",
                name: "x-amz-copy-source-range", value: header)
        }
        guard last < size else {
            throw AWSError.invalidArgument(
                "Range specified is not valid for source object of size: \(size)",
                name: "x-amz-copy-source-range", value: header)
        }
        return GetObject.slice(body, first..<last + 1)
    }
}

import AWSProtocol
import Bytes
import HTTPTypes

/// PUT /bucket/key?partNumber=&uploadId=.
enum UploadPart {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let number = try Multipart.partNumber(of: request)
        let id = Multipart.uploadID(of: request)
        try AttributeReader.refuseUnserved(request)
        let upload = try core.store.read {
            try core.upload(id, request.bucket, request.key, in: $0)
        }
        try CustomerKey.admit(part: request, of: upload)
        var claim = try BodyClaim.read(from: request)
        if let declared = upload.checksumAlgorithm {
            if claim.checksum == .none {
                claim.checksum.algorithm = declared
            } else if claim.checksum.algorithm != declared {
                throw AWSError.invalidRequest(
                    "Checksum Type mismatch occurred, expected checksum Type: "
                        + "\(declared.rawValue.lowercased()), actual checksum Type: "
                        + "\(claim.checksum.algorithm.rawValue.lowercased())")
            }
        }
        try upload.attributes.lock.checkDigest(claim, of: "Part")
        let accepted = try await core.accept(request.http.body, claim)
        try await Multipart.store(accepted, as: number, of: id, request, core)
        var headers = HTTPHeaders([
            ("ETag", ETag.quoted(Hex.encode(accepted.md5))),
            (accepted.checksum.algorithm.headerName, accepted.checksum.value),
        ])
        headers.add(encryptionOf: upload.attributes)
        return HTTPResponse(status: 200, headers: headers)
    }
}

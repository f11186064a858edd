import AWSProtocol
import Bytes
import HTTPTypes

/// PUT /bucket/key?partNumber=&uploadId=.
enum UploadPart {
    /// What the head says, once it is found to be in order.
    struct Plan {
        var number: Int
        var upload: UploadRecord
        var claim: BodyClaim

        init(_ request: S3Request, _ core: ObjectsCore) throws {
            number = try Multipart.partNumber(of: request)
            try AttributeReader.refuseUnserved(request)
            let id = Multipart.uploadID(of: request)
            upload = try core.store.read { try core.upload(id, request.bucket, request.key, in: $0) }
            try CustomerKey.admit(part: request, of: upload)
            claim = try BodyClaim.read(from: request)
            if let declared = upload.checksumAlgorithm {
                try Self.settle(&claim.checksum, declared, upload.checksumKind)
            }
            try upload.attributes.lock.checkDigest(claim, of: "Part")
        }

        /// The upload's algorithm holds for each part.
        private static func settle(
            _ claim: inout ChecksumClaim, _ declared: ChecksumAlgorithm, _ kind: StoredChecksum.Kind
        ) throws(AWSError) {
            if claim == .none, kind == .fullObject {
                claim.algorithm = declared
            } else if claim == .none || claim.algorithm != declared {
                let actual = claim == .none ? "null" : claim.algorithm.rawValue.lowercased()
                throw .invalidRequest(
                    "Checksum Type mismatch occurred, expected checksum Type: "
                        + "\(declared.rawValue.lowercased()), actual checksum Type: \(actual)")
            }
        }
    }

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let plan = try Plan(request, core)
        let upload = plan.upload
        let accepted = try await core.accept(request.http.body, plan.claim)
        try await Multipart.store(accepted, as: plan.number, of: upload.id, request, core)
        var headers = HTTPHeaders([
            ("ETag", ETag.quoted(Hex.encode(accepted.md5))),
            (accepted.checksum.algorithm.headerName, accepted.checksum.value),
        ])
        headers.add(encryptionOf: upload.attributes)
        return HTTPResponse(status: 200, headers: headers)
    }
}

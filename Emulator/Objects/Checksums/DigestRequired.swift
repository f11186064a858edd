import AWSProtocol
import Bytes

/// Documents for which S3 insists on a digest, so that a damaged one cannot delete or open anything.
enum DigestRequired {
    /// The whole body, held against `Content-MD5` or `x-amz-checksum-*`, and against its ``BodyLimit``.
    /// - Parameter isRequired: false for the few documents that S3 takes without a digest too.
    static func document(of request: S3Request, isRequired: Bool = true) throws -> [UInt8] {
        var claim = try BodyClaim.read(from: request)
        guard !isRequired || claim.md5 != nil || claim.checksum != .none else {
            throw AWSError.invalidRequest(
                "Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
        }
        let limit = BodyLimit(of: request)
        try limit.check(request)
        let sent = try request.document()
        guard let chunking = claim.chunking else {
            try check(sent, claim, trailers: [])
            return sent
        }
        var decoder = AWSChunkedDecoder(
            isSigned: chunking.isSigned, hasTrailer: chunking.hasTrailer, signature: chunking.signature)
        var decoded: [UInt8] = []
        try sent.withUnsafeBytes { try decoder.feed($0) { decoded.append(contentsOf: $0) } }
        try decoder.finish()
        claim.uncheckedSHA256 = nil
        // Whatever it said of its length.
        try limit.check(Int64(decoded.count))
        try check(decoded, claim, trailers: decoder.trailers)
        return decoded
    }

    private static func check(
        _ document: [UInt8], _ claim: BodyClaim, trailers: [(name: String, value: String)]
    ) throws {
        var digests = BodyDigests(claim.checksum.algorithm, withSHA256: claim.uncheckedSHA256 != nil)
        digests.update(document)
        try BodyIntake.check(digests, claim, trailers: trailers)
    }
}

import AWSProtocol
import Bytes

/// Documents for which S3 insists on a digest, so that a damaged one cannot delete or open anything.
enum DigestRequired {
    /// The whole body, held against `Content-MD5` or `x-amz-checksum-*`.
    /// - Parameters:
    ///   - isRequired: false for the few documents that S3 takes without a digest too.
    ///   - limit: bytes of the document; nil when it may be as long as any.
    static func document(
        of request: S3Request, isRequired: Bool = true, limit: Int64? = nil
    ) throws -> [UInt8] {
        var claim = try BodyClaim.read(from: request)
        guard !isRequired || claim.md5 != nil || claim.checksum != .none else {
            throw AWSError.invalidRequest(
                "Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
        }
        // Signatures of chunks make a body longer than its document, though never that much.
        try check(request.http.body.length, claim.chunking == nil ? limit : limit.map { $0 * 4 })
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
        try check(Int64(decoded.count), limit)
        try check(decoded, claim, trailers: decoder.trailers)
        return decoded
    }

    private static func check(_ length: Int64, _ limit: Int64?) throws(AWSError) {
        guard let limit, length > limit else { return }
        throw AWSError(
            code: "MaxMessageLengthExceeded", message: "Your request was too big.",
            elements: [("MaxMessageLengthBytes", String(limit))])
    }

    private static func check(
        _ document: [UInt8], _ claim: BodyClaim, trailers: [(name: String, value: String)]
    ) throws {
        var digests = BodyDigests(claim.checksum.algorithm, withSHA256: claim.uncheckedSHA256 != nil)
        digests.update(document)
        try BodyIntake.check(digests, claim, trailers: trailers)
    }
}

import AWSProtocol
import Bytes
import HTTPTypes
import Store

/// What a PUT says about its body, read and checked before the first byte is touched.
struct BodyClaim: Sendable {
    var checksum: ChecksumClaim
    /// Raw MD5 out of `Content-MD5`.
    var md5: [UInt8]?
    /// Whether the error about another MD5 writes the expected one in hex, as S3 does for whole objects.
    var tellsMD5InHex = false
    /// Nil for a body that is sent as it is.
    var chunking: Chunking?
    /// Lower-case hex of a signed SHA-256 that nobody has checked yet: the body was too large.
    var uncheckedSHA256: String?

    struct Chunking: Sendable {
        var isSigned: Bool
        var hasTrailer: Bool
        /// `x-amz-decoded-content-length`.
        var decodedLength: Int64
        var signature: SignatureContext?
    }

    static func read(from request: S3Request) throws(AWSError) -> BodyClaim {
        var claim = BodyClaim(checksum: try ChecksumClaim.read(from: request))
        if let text = request.http.headers["Content-MD5"] {
            guard let md5 = Base64.decode(text), md5.count == 16 else {
                throw AWSError(
                    code: "InvalidDigest", message: "The Content-MD5 you specified was invalid.",
                    elements: [("Content-MD5", text)])
            }
            claim.md5 = md5
        }
        let hash = request.payloadClaim
        switch hash {
        case .streaming(let isSigned, let hasTrailer):
            guard let text = request.header("x-amz-decoded-content-length"), let length = Int64(text),
                length >= 0
            else {
                throw .missingContentLength
            }
            claim.chunking = Chunking(
                isSigned: isSigned, hasTrailer: hasTrailer, decodedLength: length,
                signature: request.context.signature)
        case .hash(let hex):
            if (request.http.body.bytes?.count ?? .max) > PayloadHashClaim.maxCheckedBytes {
                claim.uncheckedSHA256 = hex
            }
        case .unsigned, nil: break
        }
        if claim.chunking == nil, request.http.headers["Transfer-Encoding"] != nil {
            throw .notImplementedHeader("Transfer-Encoding")
        }
        if request.http.headers["Content-Length"] == nil, request.http.headers["Transfer-Encoding"] == nil,
            request.isUpload
        {
            throw .missingContentLength
        }
        return claim
    }
}

/// A body that was read to its end, agrees with all claims, and is durable.
struct AcceptedBody: Sendable {
    var prepared: PreparedBody
    var length: Int64
    /// Raw, 16 bytes.
    var md5: [UInt8]
    var checksum: StoredChecksum
    /// CRC64NVME, whatever checksum was asked for.
    var crc64: UInt64

    init(_ digests: BodyDigests, _ prepared: PreparedBody) {
        self.prepared = prepared
        length = digests.length
        md5 = digests.md5
        checksum = digests.storedChecksum
        crc64 = digests.crc64nvme
    }
}

/// Reads request bodies: decodes, digests, checks and stores them in one pass. Blocks the thread.
enum BodyIntake {
    static func accept(_ body: HTTPBody, _ claim: BodyClaim, _ blobs: BlobStore) throws -> AcceptedBody {
        if let chunking = claim.chunking { return try acceptChunked(body, claim, chunking, blobs) }
        var digests = BodyDigests(claim.checksum.algorithm, withSHA256: claim.uncheckedSHA256 != nil)
        switch body {
        case .spooled(let spooled) where isStaged(spooled, blobs):
            try Files.read(body) { digests.update($0) }
            try check(digests, claim, trailers: [])
            let blob = try blobs.adopt(stagedPath: spooled.take())
            return AcceptedBody(digests, .blob(AdoptedBlob(blob, length: digests.length, in: blobs)))
        default:
            var sink = BodySink(blobs)
            try Files.read(body) { piece in
                digests.update(piece)
                try sink.write(piece)
            }
            try check(digests, claim, trailers: [])
            return AcceptedBody(digests, try sink.finish())
        }
    }

    /// The server's own temporary file can become the blob itself when it needs only a rename.
    private static func isStaged(_ spooled: SpooledBody, _ blobs: BlobStore) -> Bool {
        spooled.length > Int64(PreparedBody.smallBodyBytes)
            && spooled.path.hasPrefix(blobs.stagingDirectory + "/")
    }

    private static func acceptChunked(
        _ body: HTTPBody, _ claim: BodyClaim, _ chunking: BodyClaim.Chunking, _ blobs: BlobStore
    ) throws -> AcceptedBody {
        var decoder = AWSChunkedDecoder(
            isSigned: chunking.isSigned, hasTrailer: chunking.hasTrailer, signature: chunking.signature)
        var digests = BodyDigests(claim.checksum.algorithm)
        var sink = BodySink(blobs)
        try Files.read(body) { piece in
            try decoder.feed(piece) { decoded in
                digests.update(decoded)
                try sink.write(decoded)
            }
        }
        try decoder.finish()
        guard decoder.decodedLength == chunking.decodedLength else {
            throw AWSError.otherLength(expected: chunking.decodedLength, provided: decoder.decodedLength)
        }
        try check(digests, claim, trailers: decoder.trailers)
        return AcceptedBody(digests, try sink.finish())
    }

    static func check(
        _ digests: BodyDigests, _ claim: BodyClaim, trailers: [(name: String, value: String)]
    ) throws(AWSError) {
        if let claimed = claim.uncheckedSHA256, let computed = digests.sha256, claimed != computed {
            throw S3PayloadError.hashMismatch(claimed: claimed, computed: computed)
        }
        if let claimed = claim.md5, claimed != digests.md5 {
            let expected = claim.tellsMD5InHex ? Hex.encode(claimed) : Base64.encode(claimed)
            throw .badDigest(expected: expected, computed: digests.md5)
        }
        let algorithm = claim.checksum.algorithm
        var value = claim.checksum.value
        if claim.checksum.isInTrailer {
            guard let sent = trailers.first(where: { $0.name == algorithm.headerName }) else {
                throw .malformedTrailer
            }
            guard algorithm.isWellFormed(sent.value) else { throw .malformedChecksum(algorithm.headerName) }
            value = sent.value
        }
        if let value, value != Base64.encode(digests.checksum) { throw .checksumMismatch(algorithm) }
    }
}

extension AWSError {
    static func badDigest(expected: String, computed: [UInt8]) -> AWSError {
        AWSError(
            code: "BadDigest",
            message: "The Content-MD5 you specified did not match what we received.",
            elements: [
                ("ExpectedDigest", expected), ("CalculatedDigest", Base64.encode(computed)),
            ])
    }

    /// In bytes.
    static func otherLength(expected: Int64, provided: Int64) -> AWSError {
        AWSError(
            code: "IncompleteBody",
            message: "You did not provide the number of bytes specified by the Content-Length HTTP header",
            elements: [
                ("NumberBytesExpected", String(expected)), ("NumberBytesProvided", String(provided)),
            ])
    }

    static let missingContentLength = AWSError(
        code: "MissingContentLength", status: 411,
        message: "You must provide the Content-Length HTTP header.")

    static func notImplementedHeader(_ header: String, _ additional: String? = nil) -> AWSError {
        AWSError(
            code: "NotImplemented", status: 501,
            message: "A header you provided implies functionality that is not implemented",
            elements: [("Header", header)] + (additional.map { [("additionalMessage", $0)] } ?? []))
    }
}

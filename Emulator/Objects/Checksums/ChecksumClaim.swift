import AWSProtocol
import HTTPTypes

/// Which checksum a request wants, and the value that it claims.
struct ChecksumClaim: Sendable, Equatable {
    var algorithm: ChecksumAlgorithm
    /// Base64. Nil: the value follows the body as a trailer, or the client leaves it to S3.
    var value: String?
    /// The value follows the body.
    var isInTrailer: Bool

    /// What S3 uses when the client claims nothing.
    static let none = ChecksumClaim(algorithm: .crc64nvme, value: nil, isInTrailer: false)

    /// Reads `x-amz-checksum-*`, `x-amz-trailer` and `x-amz-sdk-checksum-algorithm`.
    static func read(from request: S3Request) throws(AWSError) -> ChecksumClaim {
        let control = ["x-amz-checksum-mode", "x-amz-checksum-type", "x-amz-checksum-algorithm"]
        let names = request.amzHeaderNames.filter {
            $0.hasPrefix("x-amz-checksum-") && !control.contains($0)
        }
        guard names.count <= 1 else { throw .multipleChecksums }
        let announced = request.header("x-amz-sdk-checksum-algorithm")
        let declared = announced.flatMap { ChecksumAlgorithm(rawValue: $0.uppercased()) }
        if names.first != nil, request.header("x-amz-trailer") != nil { throw .multipleChecksums }
        if let name = names.first {
            guard let algorithm = ChecksumAlgorithm(headerName: name) else {
                throw .invalidRequest(
                    "The algorithm type you specified in x-amz-checksum- header is invalid.")
            }
            guard announced == nil || declared == algorithm else {
                throw .malformedChecksum("x-amz-sdk-checksum-algorithm")
            }
            let value = request.header(name) ?? ""
            guard algorithm.isWellFormed(value) else { throw .malformedChecksum(name) }
            return ChecksumClaim(algorithm: algorithm, value: value, isInTrailer: false)
        }
        if announced != nil, declared == nil { throw .unsupportedChecksumAlgorithm }
        if let trailer = request.header("x-amz-trailer") {
            let name = trailer.lowercased().filter { $0 != " " }
            guard let algorithm = ChecksumAlgorithm(headerName: name) else {
                throw AWSError(
                    code: "InvalidRequest",
                    message: "The value specified in the x-amz-trailer header is not supported")
            }
            return ChecksumClaim(algorithm: algorithm, value: nil, isInTrailer: true)
        }
        return .none
    }
}

extension AWSError {
    static let multipleChecksums = AWSError(
        code: "InvalidRequest",
        message: "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")

    static let unsupportedChecksumAlgorithm = AWSError(
        code: "InvalidRequest",
        message: "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
            + "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")

    static func malformedChecksum(_ header: String) -> AWSError {
        AWSError(code: "InvalidRequest", message: "Value for \(header) header is invalid.")
    }

    static func checksumMismatch(_ algorithm: ChecksumAlgorithm) -> AWSError {
        AWSError(
            code: "BadDigest",
            message: "The \(algorithm.rawValue) you specified did not match the calculated checksum.")
    }
}

import AWSProtocol
import HTTPTypes

/// How long a request's body may be. Only uploads are long; everything else is a document whose length S3 limits,
/// or a body that nobody reads.
struct BodyLimit: Sendable {
    /// Bytes, without what the framing of an aws-chunked body adds.
    let bytes: Int64
    private let isUpload: Bool

    /// Signatures of chunks and trailers around the longest document.
    private static let framingBytes: Int64 = 64 << 10

    /// A form is longer than its file.
    static let uploads: [String: Int64] = [
        "PutObject": AWSError.maxUploadBytes, "UploadPart": AWSError.maxUploadBytes,
        "PostObject": AWSError.maxUploadBytes + framingBytes,
    ]

    /// For operations not named here, and for requests that are none; what the Amazon S3 API Reference says of CORS.
    static let usual = BodyLimit(bytes: 64 << 10)

    /// Bytes. Sources: the pages of these operations in the Amazon S3 API Reference for websites (128 KB) and
    /// replication (2 MB). The rest has room for the longest documents that S3's counts of elements allow: 1,000
    /// rules or keys, 10,000 parts, 50 tags.
    static let documents: [String: Int64] = [
        "PutBucketWebsite": 128 << 10, "PutBucketTagging": 128 << 10, "PutBucketReplication": 2 << 20,
        "PutBucketLifecycleConfiguration": 2 << 20, "PutBucketNotificationConfiguration": 2 << 20,
        "DeleteObjects": 2 << 20, "CompleteMultipartUpload": 4 << 20,
    ]

    private init(bytes: Int64, isUpload: Bool = false) {
        self.bytes = bytes
        self.isUpload = isUpload
    }

    init(_ operation: Operation) {
        if let bytes = Self.uploads[operation.name] {
            self.init(bytes: bytes, isUpload: true)
        } else {
            self.init(bytes: Self.documents[operation.name] ?? Self.usual.bytes)
        }
    }

    /// Of what the request asks for.
    init(of request: S3Request) {
        guard let operation = try? OperationTable.operation(for: request) else {
            self = .usual
            return
        }
        self.init(operation)
    }

    /// The longest body that may come, in bytes as sent.
    var bytesAsSent: Int64 { isUpload ? AWSEndpoint.maxUploadBytes : bytes + Self.framingBytes }

    /// Holds what the request says of its length, and the body if it is there, against the limit.
    func check(_ request: S3Request) throws(AWSError) {
        try check(Self.length(of: request))
    }

    /// - Parameter size: of the body without framing, bytes.
    func check(_ size: Int64) throws(AWSError) {
        if size > bytes { throw error(size) }
    }

    /// - Parameter size: of the body as far as it is known, bytes.
    func error(_ size: Int64) -> AWSError {
        if isUpload { return .uploadTooLarge(size) }
        return AWSError(
            code: "MaxMessageLengthExceeded", message: "Your request was too big.",
            elements: [("MaxMessageLengthBytes", String(bytes))])
    }

    private static func length(of request: S3Request) -> Int64 {
        if let text = request.header("x-amz-decoded-content-length"), let decoded = Int64(text),
            case .streaming? = request.payloadClaim
        {
            return decoded
        }
        let announced = request.http.headers["Content-Length"].flatMap { Int64($0) } ?? 0
        return max(announced, request.http.body.length)
    }
}

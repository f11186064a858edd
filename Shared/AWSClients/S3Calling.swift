/// An object with its bytes.
public struct S3Object: Sendable, Equatable {
    public var body: [UInt8]
    public var contentType: String
    /// With its quotes.
    public var etag: String
    /// `x-amz-meta-` fields, names in lower case without that prefix.
    public var metadata: [String: String]

    public init(body: [UInt8], contentType: String, etag: String, metadata: [String: String]) {
        self.body = body
        self.contentType = contentType
        self.etag = etag
        self.metadata = metadata
    }
}

/// What HEAD tells about an object.
public struct S3ObjectInfo: Sendable, Equatable {
    public var contentType: String
    /// In bytes.
    public var size: Int
    public var etag: String

    public init(contentType: String, size: Int, etag: String) {
        self.contentType = contentType
        self.size = size
        self.etag = etag
    }
}

/// A request that anyone may send until it expires, with the header fields that belong to it.
public struct PresignedRequest: Sendable {
    public var url: String
    public var headers: [(String, String)]

    public init(url: String, headers: [(String, String)]) {
        self.url = url
        self.headers = headers
    }
}

/// Whatever stores objects in buckets.
public protocol S3Calling: Sendable {
    /// - Returns: the ETag, with its quotes.
    func put(
        bucket: String, key: String, body: [UInt8], contentType: String, metadata: [String: String]
    ) throws(AWSServiceError) -> String
    /// - Throws: code `ResponseTooLarge` when the object has more than `maxBytes`, `NoSuchKey` when
    ///   there is none.
    func get(bucket: String, key: String, maxBytes: Int) throws(AWSServiceError) -> S3Object
    /// - Throws: code `NotFound` when there is no such object: HEAD answers carry no code of their own.
    func head(bucket: String, key: String) throws(AWSServiceError) -> S3ObjectInfo
    /// Succeeds too when there is no such object.
    func delete(bucket: String, key: String) throws(AWSServiceError)
    func headBucket(_ bucket: String) throws(AWSServiceError)
    /// - Parameter expiresIn: seconds, 1 to 604,800.
    func presignPut(
        bucket: String, key: String, contentType: String, contentLength: Int?, expiresIn: Int
    ) -> PresignedRequest
    func presignGet(bucket: String, key: String, expiresIn: Int) -> String
}

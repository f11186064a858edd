import AWSClients
import HTTPTypes
import Synchronization

/// A bucket in memory, behind the handlers' own protocol. Links are readable instead of signed.
public final class FakeBucket: S3Calling {
    struct State {
        var objects: [String: (body: [UInt8], contentType: String)] = [:]
        var failures: [String: AWSServiceError] = [:]
        var deleted: [String] = []
    }

    private let state = Mutex(State())
    public let name: String

    public init(name: String = "mumble-test-media") { self.name = name }

    // MARK: - For tests

    public var keys: [String] { state.withLock { $0.objects.keys.sorted() } }
    public var deletedKeys: [String] { state.withLock { $0.deleted } }

    public func seed(_ key: String, _ body: [UInt8], contentType: String = "application/octet-stream") {
        state.withLock { $0.objects[key] = (body, contentType) }
    }

    public func body(_ key: String) -> [UInt8]? { state.withLock { $0.objects[key]?.body } }
    public func contentType(_ key: String) -> String? { state.withLock { $0.objects[key]?.contentType } }

    /// Every later call of `operation` (`put`, `get`, `head`, `delete`, `headBucket`) fails.
    public func fail(_ operation: String, with error: AWSServiceError) {
        state.withLock { $0.failures[operation] = error }
    }

    // MARK: - S3Calling

    public func put(
        bucket: String, key: String, body: [UInt8], contentType: String, metadata: [String: String]
    ) throws(AWSServiceError) -> String {
        try check("put", bucket)
        state.withLock { $0.objects[key] = (body, contentType) }
        return "\"\(body.count)\""
    }

    public func get(bucket: String, key: String, maxBytes: Int) throws(AWSServiceError) -> S3Object {
        try check("get", bucket)
        guard let object = state.withLock({ $0.objects[key] }) else {
            throw AWSServiceError(
                code: "NoSuchKey", status: 404, message: "The specified key does not exist.", body: nil,
                retryable: false)
        }
        guard object.body.count <= maxBytes else {
            throw AWSServiceError(
                code: "ResponseTooLarge", status: 206, message: "the object has more than \(maxBytes) bytes",
                retryable: false)
        }
        return S3Object(
            body: object.body, contentType: object.contentType, etag: "\"\(object.body.count)\"",
            metadata: [:])
    }

    public func head(bucket: String, key: String) throws(AWSServiceError) -> S3ObjectInfo {
        try check("head", bucket)
        guard let object = state.withLock({ $0.objects[key] }) else {
            throw AWSServiceError(code: "NotFound", status: 404, message: "", body: nil, retryable: false)
        }
        return S3ObjectInfo(
            contentType: object.contentType, size: object.body.count, etag: "\"\(object.body.count)\"")
    }

    public func delete(bucket: String, key: String) throws(AWSServiceError) {
        try check("delete", bucket)
        state.withLock {
            $0.objects[key] = nil
            $0.deleted.append(key)
        }
    }

    public func headBucket(_ bucket: String) throws(AWSServiceError) {
        try check("headBucket", bucket)
    }

    public func presignPut(
        bucket: String, key: String, contentType: String, contentLength: Int?, expiresIn: Int
    ) -> PresignedRequest {
        var headers = [("content-type", contentType)]
        if let contentLength { headers.append(("content-length", String(contentLength))) }
        return PresignedRequest(
            url: "https://\(bucket).example/\(key)?method=PUT&expires=\(expiresIn)", headers: headers)
    }

    public func presignGet(bucket: String, key: String, expiresIn: Int) -> String {
        "https://\(bucket).example/\(key)?method=GET&expires=\(expiresIn)"
    }

    private func check(_ operation: String, _ bucket: String) throws(AWSServiceError) {
        if let error = state.withLock({ $0.failures[operation] }) { throw error }
        guard bucket == name else {
            throw AWSServiceError(
                code: "NoSuchBucket", status: 404, message: "The specified bucket does not exist", body: nil,
                retryable: false)
        }
    }
}

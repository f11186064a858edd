import Bytes
import Clock
import Digests
import HTTPClient
import HTTPTypes
import Signing

/// Amazon S3 over its REST protocol (Amazon S3 API Reference).
public final class S3Client: S3Calling {
    private let endpoint: URLParts
    private let usesPathStyle: Bool
    private let signer: SigV4Signer
    private let http: any HTTPSending
    private let clock: any WallClock
    private let retry: RetryPolicy

    public init(
        _ configuration: AWSConfiguration, http: any HTTPSending, clock: any WallClock = SystemClock(),
        retry: RetryPolicy = RetryPolicy()
    ) {
        endpoint = configuration.s3Endpoint
        usesPathStyle = configuration.s3PathStyle
        signer = SigV4Signer(
            credentials: configuration.credentials, region: configuration.region, service: "s3", style: .s3)
        self.http = http
        self.clock = clock
        self.retry = retry
    }

    // MARK: - Operations

    public func put(
        bucket: String, key: String, body: [UInt8], contentType: String, metadata: [String: String] = [:]
    ) throws(AWSServiceError) -> String {
        var headers: HTTPHeaders = ["Content-Type": contentType]
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            headers.add("x-amz-meta-\(name)", value)
        }
        let response = try send("PUT", address(bucket, key), headers, body)
        return response.headers["ETag"] ?? ""
    }

    public func get(bucket: String, key: String, maxBytes: Int) throws(AWSServiceError) -> S3Object {
        // One byte more than allowed is enough to know that there are too many, without receiving them.
        let range: HTTPHeaders = ["Range": "bytes=0-\(maxBytes)"]
        let response: HTTPResponse
        do {
            response = try send("GET", address(bucket, key), range)
        } catch  where error.status == 416 {
            // No range fits an empty object.
            response = try send("GET", address(bucket, key))
        }
        let body = response.body.bytes ?? []
        guard body.count <= maxBytes else {
            throw AWSServiceError(
                code: "ResponseTooLarge", status: response.status,
                message: "the object has more than \(maxBytes) bytes", retryable: false)
        }
        return S3Object(
            body: body, contentType: response.headers["Content-Type"] ?? "binary/octet-stream",
            etag: response.headers["ETag"] ?? "", metadata: Self.metadata(response.headers))
    }

    public func head(bucket: String, key: String) throws(AWSServiceError) -> S3ObjectInfo {
        let headers = try send("HEAD", address(bucket, key)).headers
        guard let size = headers["Content-Length"].flatMap({ Int($0) }) else {
            throw AWSServiceError(
                code: "InvalidResponse", status: 200, message: "HEAD answered without Content-Length",
                retryable: false)
        }
        return S3ObjectInfo(
            contentType: headers["Content-Type"] ?? "binary/octet-stream", size: size,
            etag: headers["ETag"] ?? "")
    }

    public func delete(bucket: String, key: String) throws(AWSServiceError) {
        _ = try send("DELETE", address(bucket, key))
    }

    public func headBucket(_ bucket: String) throws(AWSServiceError) {
        _ = try send("HEAD", address(bucket, nil))
    }

    public func presignPut(
        bucket: String, key: String, contentType: String, contentLength: Int?, expiresIn: Int
    ) -> PresignedRequest {
        var fields = [("content-type", contentType)]
        if let contentLength { fields.append(("content-length", String(contentLength))) }
        return PresignedRequest(
            url: presign("PUT", address(bucket, key), HTTPHeaders(fields), expiresIn), headers: fields)
    }

    public func presignGet(bucket: String, key: String, expiresIn: Int) -> String {
        presign("GET", address(bucket, key), HTTPHeaders(), expiresIn)
    }

    private func presign(
        _ method: String, _ url: URLParts, _ headers: HTTPHeaders, _ expiresIn: Int
    ) -> String {
        signer.presign(
            method: method, url: (url.scheme, url.hostHeader, url.path), query: [], headers: headers,
            expiresIn: expiresIn, at: clock.now)
    }

    // MARK: - Requests

    /// Where a bucket or one of its objects is.
    private func address(_ bucket: String, _ key: String?) -> URLParts {
        var url = endpoint
        // A certificate for *.s3.REGION.amazonaws.com does not cover names with further dots.
        let inPath = usesPathStyle || (bucket.contains(".") && endpoint.scheme == "https")
        if !inPath { url.host = "\(bucket).\(url.host)" }
        let bucketPath = inPath ? "/\(PercentEncoding.encode(bucket))" : ""
        let keyPath = key.map { "/" + PercentEncoding.encode($0, keeping: .unreservedAndSlash) } ?? ""
        url.path = endpoint.basePath + bucketPath + keyPath
        if url.path.isEmpty { url.path = "/" }
        return url
    }

    private func send(
        _ method: String, _ url: URLParts, _ headers: HTTPHeaders = HTTPHeaders(), _ body: [UInt8] = []
    ) throws(AWSServiceError) -> HTTPResponse {
        let payloadHash = PayloadHash.precomputed(SHA256.hex(body))
        return try retry.run { () throws(AWSServiceError) in
            // Signed anew each time: after a wait the old date might be refused.
            var request = HTTPRequest(method: method, target: url.path, headers: headers, body: .bytes(body))
            request.headers.add("Host", url.hostHeader)
            signer.sign(&request, payload: payloadHash, at: clock.now)
            return try attempt(request, url)
        }
    }

    private func attempt(_ request: HTTPRequest, _ url: URLParts) throws(AWSServiceError) -> HTTPResponse {
        let response: HTTPResponse
        do {
            response = try http.send(request, to: url)
        } catch {
            throw AWSServiceError(transport: error)
        }
        guard (200...299).contains(response.status) else { throw S3Failure.error(from: response) }
        return response
    }

    private static func metadata(_ headers: HTTPHeaders) -> [String: String] {
        var result: [String: String] = [:]
        for (name, value) in headers where name.lowercased().hasPrefix("x-amz-meta-") {
            result[String(name.lowercased().dropFirst("x-amz-meta-".count))] = value
        }
        return result
    }
}

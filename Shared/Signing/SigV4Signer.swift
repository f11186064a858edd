import Bytes
import Clock
import Digests
import HTTPTypes

/// Signs requests and URLs for one service in one region (AWS Signature Version 4).
///
/// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html and
/// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
public struct SigV4Signer: Sendable {
    public let credentials: Credentials
    public let region: String
    public let service: String
    public let style: SigningStyle
    private let day = SigningDay()

    public init(credentials: Credentials, region: String, service: String, style: SigningStyle) {
        self.credentials = credentials
        self.region = region
        self.service = service
        self.style = style
    }

    /// Adds `X-Amz-Date`, `X-Amz-Security-Token` (with a session token), `x-amz-content-sha256` (S3
    /// style) and `Authorization`. The request must have its `Host` already. All its headers are
    /// signed except those that proxies and HTTP clients change.
    public func sign(_ request: inout HTTPRequest, payload: PayloadHash, at time: Timestamp) {
        let payloadHash = text(of: payload)
        let day = day.entry(
            at: time, secret: credentials.secretAccessKey, region: region, service: service)
        request.headers["X-Amz-Date"] = day.timestamp
        if let token = credentials.sessionToken { request.headers["X-Amz-Security-Token"] = token }
        if style == .s3 { request.headers["x-amz-content-sha256"] = payloadHash }
        request.headers.remove("Authorization")

        let names = signedNames(request.headers)
        let hash = canonicalBytes(request, names, payloadHash: payloadHash).withBytes { SHA256.hex($0) }
        let stringToSign = StringToSign.bytes(
            timestamp: day.timestamp, scope: day.scope, canonicalRequestHash: hash)
        add(
            names, Hex.encode(stringToSign.withBytes { day.key.code($0) }), scope: day.scope,
            to: &request.headers)
    }

    private func add(
        _ names: [String], _ signature: String, scope: String, to headers: inout HTTPHeaders
    ) {
        var value = ByteBuffer(capacity: 320)
        value.append(StringToSign.algorithm)
        value.append(" Credential=")
        value.append(credentials.accessKeyID)
        value.append(0x2F)
        value.append(scope)
        value.append(", SignedHeaders=")
        for name in names {
            value.append(name)
            value.append(0x3B)
        }
        if !names.isEmpty { value.removeLast() }
        value.append(", Signature=")
        value.append(signature)
        let name: StaticString = "Authorization"
        value.withBytes {
            headers.add(
                .init(
                    name: UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount),
                    value: $0))
        }
    }

    /// A URL that carries its own authorisation.
    ///
    /// - Parameters:
    ///   - url: `host` with the port when it is not the scheme's own; `path` percent-encoded.
    ///   - query: further parameters, decoded.
    ///   - headers: fields besides `Host` that the URL's user must send exactly so.
    ///   - expiresIn: seconds from `time`; AWS allows 1 to 604,800.
    public func presign(
        method: String, url: (scheme: String, host: String, path: String), query: [QueryItem] = [],
        headers: HTTPHeaders = HTTPHeaders(), expiresIn: Int, at time: Timestamp
    ) -> String {
        let timestamp = time.iso8601Basic
        let scope = SigningScope(date: time.basicDate, region: region, service: service)
        var signed = headers
        signed["Host"] = url.host
        let names = signedNames(signed)

        var items = query
        items.append(QueryItem("X-Amz-Algorithm", StringToSign.algorithm))
        items.append(QueryItem("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope.text)"))
        items.append(QueryItem("X-Amz-Date", timestamp))
        items.append(QueryItem("X-Amz-Expires", String(expiresIn)))
        if let token = credentials.sessionToken { items.append(QueryItem("X-Amz-Security-Token", token)) }
        items.append(QueryItem("X-Amz-SignedHeaders", names.joined(separator: ";")))
        let encodedQuery = Query.encode(items)

        let canonicalRequest = CanonicalRequest.text(
            method: method, path: url.path, query: encodedQuery, headers: signed,
            signedHeaders: names, payloadHash: text(of: style == .s3 ? .unsigned : .bytes([])),
            style: style)
        let stringToSign = StringToSign.text(
            timestamp: timestamp, scope: scope, canonicalRequest: canonicalRequest)
        let key = SigningKey.derive(secret: credentials.secretAccessKey, scope: scope)
        let signature = signature(key: key, stringToSign: stringToSign)
        return "\(url.scheme)://\(url.host)\(url.path)?\(encodedQuery)&X-Amz-Signature=\(signature)"
    }

    /// The canonical form of a request that has all its headers but `Authorization`, and the list of
    /// signed headers.
    func canonicalRequest(
        _ request: HTTPRequest, payloadHash: String
    ) -> (text: String, signedHeaders: String) {
        let names = signedNames(request.headers)
        let text = canonicalBytes(request, names, payloadHash: payloadHash)
        return (String(utf8: text.array), names.joined(separator: ";"))
    }

    private func canonicalBytes(
        _ request: HTTPRequest, _ names: [String], payloadHash: String
    ) -> ByteBuffer {
        CanonicalRequest.bytes(
            method: request.method, path: request.path, query: request.rawQuery,
            headers: request.headers, signedHeaders: names, payloadHash: payloadHash, style: style)
    }

    func text(of payload: PayloadHash) -> String {
        switch payload {
        case .bytes(let bytes): SHA256.hex(bytes)
        case .precomputed(let hash): hash
        case .unsigned: "UNSIGNED-PAYLOAD"
        case .literal(let text): text
        }
    }

    /// Hop-by-hop fields and those that clients and proxies rewrite.
    private static let unsignedNames: Set<String> = [
        "authorization", "connection", "expect", "keep-alive", "proxy-authorization", "te",
        "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
    ]

    /// In lower case and sorted, each once.
    private func signedNames(_ headers: HTTPHeaders) -> [String] {
        var names: [String] = []
        names.reserveCapacity(headers.count)
        headers.forEachField { field in
            let name = String(decoding: field.name, as: UTF8.self).lowercased()
            // There are few, and a place for each is found quicker than all are sorted.
            let place = names.firstIndex { $0 >= name } ?? names.count
            guard place == names.count || names[place] != name else { return }
            guard !SigV4Signer.unsignedNames.contains(name) else { return }
            names.insert(name, at: place)
        }
        return names
    }
}

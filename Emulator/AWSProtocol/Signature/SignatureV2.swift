import Bytes
import Clock
import Digests
import HTTPTypes

/// What a request signed with Signature Version 2 claims. S3's oldest regions, `us-east-1` among them,
/// still believe such requests, and boto3 and the AWS CLI presign URLs so there unless told otherwise.
///
/// Source: Amazon S3 User Guide, "Signing and authenticating REST requests", with its section on query
/// string authentication.
struct SignatureV2Claim: Sendable {
    enum Validity: Sendable, Equatable {
        /// The last moment at which a URL is valid.
        case until(Timestamp)
        /// The time that a request was sent at, and as its header tells it.
        case around(Timestamp, String)
    }

    var accessKeyID: String
    /// The base 64 of an HMAC-SHA-1.
    var signature: String
    var validity: Validity
    var sessionToken: String?
    var stringToSign: String

    /// Nil when neither header nor query is of this version.
    /// - Parameter subresources: all names that select what is asked for, those of younger ones too.
    init?(_ request: HTTPRequest, subresources: Set<String>) throws(AuthenticationFailure) {
        if let header = request.headers["Authorization"], header.hasPrefix(Self.scheme) {
            try self.init(header: header, of: request, subresources)
            return
        }
        guard Self.isPresent(in: request) else { return nil }
        try self.init(queryOf: request, subresources)
    }

    private init(
        queryOf request: HTTPRequest, _ subresources: Set<String>
    ) throws(AuthenticationFailure) {
        let query = SignatureV2Query(request.rawQuery)
        let isVersion4 = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature"]
            .contains { query.first($0) != nil }
        if let header = request.headers["Authorization"] { throw .twoMechanisms(header) }
        if isVersion4 { throw .twoMechanisms("") }
        guard let key = query.first(SignatureV2Query.key), let expires = query.first("Expires"),
            let signature = query.first(SignatureV2Query.signature),
            ![key, expires, signature].contains("")
        else { throw .incompleteQueryV2 }
        // Year 9999 is the last that a date in an answer can tell.
        guard let seconds = Int64(expires), (0...253_402_300_799).contains(seconds) else {
            throw .malformedEpoch(expires)
        }
        if query.isAmbiguous(subresources) { throw .incompleteQueryV2 }
        let headers = SignatureV2Headers(request, query)
        accessKeyID = key
        self.signature = signature
        validity = .until(Timestamp(seconds: seconds))
        sessionToken = headers.amazon["x-amz-security-token"]
        stringToSign =
            "\(request.method)\n\(headers.contentMD5)\n\(headers.contentType)\n\(expires)\n"
            + headers.canonicalAmazonText + Self.canonicalResource(request, query)
    }

    /// What an `Authorization` header of this version begins with.
    static let scheme = "AWS "

    /// `AWS key:signature`.
    private init(
        header: String, of request: HTTPRequest, _ subresources: Set<String>
    ) throws(AuthenticationFailure) {
        if Self.isPresent(in: request) { throw .twoMechanisms(header) }
        let parts = header.dropFirst(Self.scheme.utf8.count).split(
            separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { throw .malformedHeaderV2(header) }
        let query = SignatureV2Query(request.rawQuery)
        let headers = SignatureV2Headers(request, query)
        // The date is signed once: among the `x-amz-` headers, if it is there.
        let amazonDate = request.headers["x-amz-date"]
        let date = amazonDate ?? request.headers["Date"] ?? ""
        guard
            let sent = Timestamp(rfc1123: date) ?? Timestamp(iso8601Basic: date) ?? Timestamp(iso8601: date),
            sent.milliseconds >= 0
        else { throw .malformedDate(date) }
        accessKeyID = String(parts[0])
        signature = String(parts[1])
        validity = .around(sent, date)
        sessionToken = headers.amazon["x-amz-security-token"]
        stringToSign =
            "\(request.method)\n\(headers.contentMD5)\n\(headers.contentType)\n"
            + "\(amazonDate == nil ? date : "")\n" + headers.canonicalAmazonText
            + Self.canonicalResource(request, query)
    }

    /// Whether the query asks to be judged as this version, complete or not.
    static func isPresent(in request: HTTPRequest) -> Bool {
        let raw = request.rawQuery
        // Nearly all requests end here, without their query being searched or parsed.
        if raw.isEmpty { return false }
        guard raw.contains(SignatureV2Query.key) || raw.contains(SignatureV2Query.signature) else {
            return false
        }
        let query = SignatureV2Query(raw)
        return query.first(SignatureV2Query.key) != nil || query.first(SignatureV2Query.signature) != nil
    }

    /// The key that a query names, whatever the rest of it says.
    static func accessKeyID(namedBy request: HTTPRequest) -> String? {
        if let header = request.headers["Authorization"], header.hasPrefix(scheme) {
            return String(header.dropFirst(scheme.utf8.count).prefix { $0 != ":" })
        }
        return isPresent(in: request) ? SignatureV2Query(request.rawQuery).first(SignatureV2Query.key) : nil
    }

    func expectedSignature(secretAccessKey: String) -> String {
        Base64.encode(HMAC.sha1(key: secretAccessKey.bytes, stringToSign))
    }

    /// Bucket and path as on the wire, then the signed part of the query, decoded.
    private static func canonicalResource(_ request: HTTPRequest, _ query: SignatureV2Query) -> String {
        var text = ""
        if let bucket = VirtualHost.bucket(ofHost: request.headers["Host"] ?? "") { text = "/" + bucket }
        text += request.path
        // A bucket is signed as `/bucket/`, whether or not its URL ends in a slash.
        if text.utf8.count > 1, !text.utf8.dropFirst().contains(UInt8(ascii: "/")) { text += "/" }
        var divider = "?"
        for item in query.subresources {
            text += divider + item.name
            if let value = item.value { text += "=" + value }
            divider = "&"
        }
        return text
    }
}

/// A query as Signature Version 2 reads it: unlike ``QueryItem`` it tells `acl` from `acl=`.
struct SignatureV2Query: Sendable {
    typealias Item = (name: String, value: String?)

    static let key = "AWSAccessKeyId"
    static let signature = "Signature"

    /// The names that are part of the canonical resource. Everything else in a query is not signed.
    private static let signedNames: Set<String> = [
        "accelerate", "acl", "analytics", "cors", "delete", "inventory", "lifecycle", "location", "logging",
        "metrics", "notification", "object-lock", "partNumber", "policy", "replication", "requestPayment",
        "response-cache-control", "response-content-disposition", "response-content-encoding",
        "response-content-language", "response-content-type", "response-expires", "restore", "select",
        "select-type", "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning", "versions",
        "website",
    ]

    /// Whether the query says something that is not signed and changes what is meant, or joins to a text to sign
    /// that another request has too. Younger sub-resources are not signed: whoever holds a signed URL could make
    /// another request of it by adding one.
    func isAmbiguous(_ subresources: Set<String>) -> Bool {
        items.contains { item in
            subresources.contains(item.name) && !Self.signedNames.contains(item.name)
                || item.name.lowercased().hasPrefix("x-amz-") && item.name.contains(":")
                || ["uploadId", "partNumber", "versionId"].contains(item.name)
                    && item.value?.contains("&") == true
                || (item.name + (item.value ?? "")).utf8.contains { $0 < 0x20 }
        }
    }

    /// Decoded, in the order sent.
    let items: [Item]

    init(_ raw: String) {
        items = raw.utf8.split(separator: UInt8(ascii: "&")).map { part in
            let equals = part.firstIndex(of: UInt8(ascii: "="))
            let name = String(Substring(part[..<(equals ?? part.endIndex)]))
            let value = equals.map { String(Substring(part[part.index(after: $0)...])) }
            return (Self.decoded(name), value.map(Self.decoded))
        }
    }

    /// The first value of a name, empty when it has none; nil when the name is absent.
    func first(_ name: String) -> String? { items.first { $0.name == name }.map { $0.value ?? "" } }

    /// The signed items by name; those of one name in the order sent.
    var subresources: [Item] {
        // The offset makes the order certain: the standard sort promises no stability.
        items.enumerated().filter { Self.signedNames.contains($0.element.name) }
            .sorted { ($0.element.name, $0.offset) < ($1.element.name, $1.offset) }.map(\.element)
    }

    private static func decoded(_ text: String) -> String {
        PercentEncoding.decode(text, plusIsSpace: true) ?? text
    }
}

/// The headers that Signature Version 2 signs. A browser that follows a URL cannot send them, so a signer
/// may put them into the query, in lower case; a header that is sent counts before one in the query.
struct SignatureV2Headers: Sendable {
    var contentMD5 = ""
    var contentType = ""
    /// The `x-amz-` headers by lower-case name; several of one name are joined by commas.
    var amazon: [String: String] = [:]

    init(_ request: HTTPRequest, _ query: SignatureV2Query) {
        contentMD5 = request.headers["Content-MD5"] ?? query.first("content-md5") ?? ""
        contentType = request.headers["Content-Type"] ?? query.first("content-type") ?? ""
        amazon = Self.joined(request.headers.map { ($0.name, $0.value) })
        let inQuery = Self.joined(query.items.map { ($0.name, $0.value ?? "") })
        amazon.merge(inQuery) { sent, _ in sent }
    }

    var canonicalAmazonText: String {
        amazon.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)\n" }.joined()
    }

    private static func joined(_ fields: [(name: String, value: String)]) -> [String: String] {
        var joined: [String: String] = [:]
        for field in fields {
            let name = field.name.lowercased()
            guard name.hasPrefix("x-amz-") else { continue }
            joined[name] = joined[name].map { $0 + "," + field.value } ?? field.value
        }
        return joined
    }
}

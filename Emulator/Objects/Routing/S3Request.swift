import AWSProtocol
import Bytes
import Digests
import HTTPTypes

/// A request with its address and query read, as operations see it.
///
/// An object, since every step of an operation passes it on.
final class S3Request: Sendable {
    let http: HTTPRequest
    let context: AWSContext
    let address: Address
    /// Decoded, in the order sent.
    let query: [QueryItem]

    init(_ http: HTTPRequest, _ context: AWSContext) throws(AWSError) {
        guard let address = Address(host: http.headers["Host"] ?? "", path: http.path) else {
            throw .invalidURI(http.path)
        }
        self.http = http
        self.context = context
        self.address = address
        query = http.rawQuery.isEmpty ? [] : Query.parse(http.rawQuery)
        if let key = address.key { try ObjectKey.check(key) }
        if let bucket = address.bucket, !BucketName.mayExist(bucket) { throw .invalidBucketName(bucket) }
    }

    /// An upload that a form describes: `http` has the form's fields as headers, and no query.
    init(form http: HTTPRequest, _ context: AWSContext, _ address: Address) throws(AWSError) {
        self.http = http
        self.context = context
        self.address = address
        query = []
        if let key = address.key { try ObjectKey.check(key) }
    }

    /// Whether the body becomes an object's or a part's bytes.
    var isUpload: Bool { http.method == "PUT" && address.key != nil }

    var bucket: String { address.bucket ?? "" }
    var key: [UInt8] { address.key ?? [] }
    var keyText: String { String(utf8: key) }

    func value(_ name: String) -> String? { query.first { $0.name == name }?.value }

    func has(_ name: String) -> Bool { query.contains { $0.name == name } }

    /// A header. An `x-amz-` one may stand in the query of a presigned URL instead, and counts the same.
    func header(_ name: String) -> String? {
        if let value = http.headers[name] { return value }
        guard !query.isEmpty, name.hasPrefix("x-amz-") else { return nil }
        return query.first { HTTPHeaders.sameName($0.name, name) }?.value
    }

    /// The lower-case names of all `x-amz-` headers, those in the query too, each once.
    var amzHeaderNames: [String] {
        var names: [String] = []
        func note(_ name: String) {
            guard name.isAmazonHeader else { return }
            let lower = name.lowercased()
            if !names.contains(lower) { names.append(lower) }
        }
        http.headers.forEachField { field in
            if field.isAmazonHeader { note(String(decoding: field.name, as: UTF8.self)) }
        }
        for item in query { note(item.name) }
        return names
    }

    /// What is signed of the body; nil when that is nothing or no known text.
    var payloadClaim: PayloadHashClaim? { http.claimedPayloadHash.flatMap { PayloadHashClaim($0) } }

    /// The body as a whole, for documents that a client sends; ``BodyLimit`` has judged its length.
    func document() throws -> [UInt8] {
        let document = try http.body.readAll()
        // The endpoint leaves long bodies to whoever takes them.
        if document.count > PayloadHashClaim.maxCheckedBytes, case .hash(let claimed)? = payloadClaim {
            let computed = SHA256.hex(document)
            guard computed == claimed else {
                throw S3PayloadError.hashMismatch(claimed: claimed, computed: computed)
            }
        }
        return document
    }
}

enum ObjectKey {
    /// Amazon S3 User Guide, "Creating object key names".
    static let maxBytes = 1024

    static func check(_ key: [UInt8]) throws(AWSError) {
        if key.count > maxBytes { throw .keyTooLong(key.count) }
        // XML 1.0 cannot tell this character at all, so no listing could show the key.
        if key.contains(0) {
            throw .invalidURI(PercentEncoding.encode(bytes: key, keeping: .unreservedAndSlash))
        }
    }
}

/// The rules for bucket names (Amazon S3 User Guide, "General purpose bucket naming rules").
enum BucketName {
    static func isValid(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard (3...63).contains(bytes.count), bytes.allSatisfy(isAllowed) else { return false }
        guard isAlphanumeric(bytes[0]), isAlphanumeric(bytes[bytes.count - 1]),
            !["..", ".-", "-."].contains(where: name.contains)
        else { return false }
        let isAddress =
            name.split(separator: ".", omittingEmptySubsequences: false).count == 4
            && bytes.allSatisfy { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }
        if isAddress { return false }
        if ["xn--", "sthree-", "amzn-s3-demo-"].contains(where: name.hasPrefix) { return false }
        return !["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"].contains(where: name.hasSuffix)
    }

    /// A looser rule for requests to existing buckets: what cannot be any bucket's name is refused
    /// without a look-up.
    static func mayExist(_ name: String) -> Bool {
        (3...255).contains(name.utf8.count)
            && name.utf8.allSatisfy { isAllowed($0 | 0x20) || isAllowed($0) || $0 == UInt8(ascii: "_") }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
    }
}

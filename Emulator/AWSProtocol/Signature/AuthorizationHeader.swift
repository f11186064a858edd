import Bytes
import Glibc
import HTTPTypes
import Synchronization

/// An `Authorization: AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...` taken apart in one walk
/// over its bytes. Fields may be divided by commas, spaces or both; of several with one name the first counts.
struct AuthorizationHeader {
    private(set) var algorithm = ""
    private var fields: (credential: String?, signedHeaders: String?, signature: String?)

    /// Each field is nil when it is absent or empty.
    var credential: String? { Self.unlessEmpty(fields.credential) }
    var signedHeaders: String? { Self.unlessEmpty(fields.signedHeaders) }
    var signature: String? { Self.unlessEmpty(fields.signature) }

    init(_ header: String) {
        var header = header
        header.withUTF8 { bytes in
            var end = 0
            while end < bytes.count, bytes[end] != 0x20 { end += 1 }
            algorithm = String(decoding: bytes[..<end], as: UTF8.self)
            while end < bytes.count {
                let start = end
                while end < bytes.count, !Self.divides(bytes[end]) { end += 1 }
                take(UnsafeBufferPointer(rebasing: bytes[start..<end]))
                end += 1
            }
        }
    }

    /// The credential alone, as `AuthorizationHeader(header).credential` has it.
    static func credential(in bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
        var end = 0
        while end < bytes.count, bytes[end] != 0x20 { end += 1 }
        while end < bytes.count {
            let start = end
            while end < bytes.count, !divides(bytes[end]) { end += 1 }
            let field = UnsafeBufferPointer(rebasing: bytes[start..<end])
            if let value = content("Credential=", field) { return value.isEmpty ? nil : value }
            end += 1
        }
        return nil
    }

    private mutating func take(_ field: UnsafeBufferPointer<UInt8>) {
        if let value = Self.value("Credential=", field) {
            fields.credential = fields.credential ?? value
        } else if let value = Self.value("SignedHeaders=", field) {
            fields.signedHeaders = fields.signedHeaders ?? value
        } else if let value = Self.value("Signature=", field) {
            fields.signature = fields.signature ?? value
        }
    }

    /// What follows the name, or nil when the field has another.
    private static func value(_ name: StaticString, _ field: UnsafeBufferPointer<UInt8>) -> String? {
        content(name, field).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func content(
        _ name: StaticString, _ field: UnsafeBufferPointer<UInt8>
    ) -> UnsafeBufferPointer<UInt8>? {
        let length = name.utf8CodeUnitCount
        guard field.count >= length else { return nil }
        for index in 0..<length where field[index] != name.utf8Start[index] { return nil }
        return UnsafeBufferPointer(rebasing: field[length...])
    }

    @inline(__always)
    private static func divides(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x2C }

    private static func unlessEmpty(_ text: String?) -> String? { text?.isEmpty == false ? text : nil }
}

/// What `Authorization` says before the signature. Clients repeat it all day, so it is read once.
struct AuthorizationHead: Sendable {
    /// Up to and with `Signature=`.
    let text: String
    let credential: String
    /// Lower-case names in the order sent.
    let signedHeaders: [String]

    private static let end = "Signature="
    private static let signatureBytes = 64

    /// Nil when the header, of the algorithm that is known, does not end with the signature.
    init?(_ header: String, credential: String, signedHeaders: [String]) {
        let count = header.utf8.count - Self.signatureBytes
        guard count > 0 else { return nil }
        text = String(header.utf8.prefix(count)) ?? ""
        guard text.hasSuffix(" \(Self.end)") || text.hasSuffix(",\(Self.end)"),
            AuthorizationHeader(text).signature == nil
        else { return nil }
        self.credential = credential
        self.signedHeaders = signedHeaders
    }

    /// The signature of a header that begins as this one, or nil when it does not or goes on after it.
    func signature(in header: UnsafeRawBufferPointer) -> String? {
        guard header.count == text.utf8.count + Self.signatureBytes else { return nil }
        var text = text
        let begins = text.withUTF8 { text in
            guard let a = text.baseAddress, let b = header.baseAddress else { return false }
            return memcmp(a, b, text.count) == 0
        }
        guard begins else { return nil }
        let rest = UnsafeRawBufferPointer(rebasing: header[text.utf8.count...])
        for byte in rest where byte == 0x20 || byte == 0x2C { return nil }
        return String(decoding: rest, as: UTF8.self)
    }
}

/// The heads of recent requests' headers.
final class AuthorizationCache: Sendable {
    /// When full it starts anew. Heads get here with a good signature only.
    private static let capacity = 16

    private let heads = Mutex<[AuthorizationHead]>([])

    func find(_ header: UnsafeRawBufferPointer) -> (head: AuthorizationHead, signature: String)? {
        heads.withLock { heads in
            for head in heads {
                if let signature = head.signature(in: header) { return (head, signature) }
            }
            return nil
        }
    }

    func add(_ head: AuthorizationHead) {
        heads.withLock { heads in
            if heads.count >= Self.capacity { heads.removeAll(keepingCapacity: true) }
            heads.append(head)
        }
    }
}

/// The query of a presigned URL: values by name, names exact.
struct SignedQuery: Sendable {
    private let items: [QueryItem]

    init(rawQuery: String) {
        // A query without an X-Amz name is never asked for one; parsing it would be wasted work.
        items =
            !rawQuery.isEmpty && rawQuery.contains("X-Amz-")
            ? Query.parse(rawQuery) : []
    }

    subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    func has(_ name: String) -> Bool { items.contains { $0.name == name } }

    /// The raw query without the signature itself, which cannot sign itself.
    static func withoutSignature(_ rawQuery: String) -> String {
        if rawQuery.isEmpty { return rawQuery }
        return rawQuery.split(separator: "&", omittingEmptySubsequences: false)
            .filter { !($0 == "X-Amz-Signature" || $0.hasPrefix("X-Amz-Signature=")) }
            .joined(separator: "&")
    }
}

/// All that a signed request claims about itself, whichever way it was signed.
struct SignatureClaim: Sendable {
    enum Place: Sendable, Equatable {
        case header
        /// Valid for this many seconds from the timestamp.
        case query(expires: Int)
    }

    var place: Place
    /// The text `keyid/date/region/service/aws4_request`.
    var credential: String
    /// Lower-case names in the order sent.
    var signedHeaders: [String]
    var signature: String
    /// `20260102T030405Z`.
    var timestamp: String
    var sessionToken: String?
    /// The value of `X-Amz-Content-Sha256`, from header or query.
    var contentHash: String?
    /// Whether it was read with the help of ``AuthorizationCache``.
    var isRemembered = false
}

import Bytes
import HTTPTypes

/// An `Authorization: AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...` taken apart. Fields may
/// be divided by commas, spaces or both.
struct AuthorizationHeader {
    let algorithm: String
    private let fields: [ArraySlice<UInt8>]

    init(_ header: String) {
        let space = UInt8(ascii: " ")
        let comma = UInt8(ascii: ",")
        // An array is walked several times faster than a string.
        let bytes = header.bytes
        let end = bytes.firstIndex(of: space) ?? bytes.endIndex
        algorithm = String(decoding: bytes[..<end], as: UTF8.self)
        fields = bytes[end...].split { $0 == comma || $0 == space }
    }

    /// The value of one field, or nil when it is absent or empty.
    subscript(name: String) -> String? {
        for field in fields where field.starts(with: name.utf8) {
            let rest = field.dropFirst(name.utf8.count)
            guard rest.first == UInt8(ascii: "=") else { continue }
            return rest.count == 1 ? nil : String(decoding: rest.dropFirst(), as: UTF8.self)
        }
        return nil
    }
}

/// The query of a presigned URL: values by name, names exact.
struct SignedQuery: Sendable {
    private let items: [QueryItem]

    init(rawQuery: String) {
        // A query without an X-Amz name is never asked for one; parsing it would be wasted work.
        items =
            !rawQuery.isEmpty && rawQuery.contains("X-Amz-")
            ? Query.parse(rawQuery, plusIsSpace: false) : []
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
}

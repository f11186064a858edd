import Bytes
import HTTPTypes

/// Takes an `Authorization: AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...` apart.
enum AuthorizationHeader {
    /// The value of one field, or nil. Fields may be divided by commas, spaces or both.
    static func field(_ name: String, of header: String) -> String? {
        guard let space = header.firstIndex(of: " ") else { return nil }
        let fields = header[header.index(after: space)...].split { $0 == "," || $0 == " " }
        for field in fields where field.hasPrefix(name + "=") {
            let value = field.dropFirst(name.count + 1)
            return value.isEmpty ? nil : String(value)
        }
        return nil
    }

    static func algorithm(of header: String) -> String {
        String(header.prefix { $0 != " " })
    }
}

/// The query of a presigned URL: values by name, names exact.
struct SignedQuery: Sendable {
    private let items: [QueryItem]

    init(rawQuery: String) {
        // A query without an X-Amz name is never asked for one; parsing it would be wasted work.
        items = rawQuery.contains("X-Amz-") ? Query.parse(rawQuery, plusIsSpace: false) : []
    }

    subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    func has(_ name: String) -> Bool { items.contains { $0.name == name } }

    /// The raw query without the signature itself, which cannot sign itself.
    static func withoutSignature(_ rawQuery: String) -> String {
        rawQuery.split(separator: "&", omittingEmptySubsequences: false)
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

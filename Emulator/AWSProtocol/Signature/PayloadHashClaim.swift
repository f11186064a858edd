import Digests
import HTTPTypes

/// What an S3 request says about its body in `X-Amz-Content-Sha256`.
public enum PayloadHashClaim: Sendable, Equatable {
    /// Lower-case hex of the SHA-256 of the body as sent.
    case hash(String)
    /// `UNSIGNED-PAYLOAD`.
    case unsigned
    /// An `aws-chunked` body. `isSigned`: each chunk has a signature; `hasTrailer`: header fields follow
    /// the last chunk.
    case streaming(isSigned: Bool, hasTrailer: Bool)

    /// Longer bodies are held against their claim by the service itself, away from the event loop. Bytes.
    public static let maxCheckedBytes = 64 << 10

    public init?(_ value: String) {
        // Nearly all are hashes; none of the other texts is as long as one.
        if value.utf8.count == 64 {
            guard let isLower = Self.areLowerDigits(value) else { return nil }
            self = .hash(isLower ? value : value.lowercased())
            return
        }
        switch value {
        case "UNSIGNED-PAYLOAD": self = .unsigned
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": self = .streaming(isSigned: true, hasTrailer: false)
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": self = .streaming(isSigned: true, hasTrailer: true)
        case "STREAMING-UNSIGNED-PAYLOAD-TRAILER": self = .streaming(isSigned: false, hasTrailer: true)
        default: return nil
        }
    }

    /// Nil when there is anything but hexadecimal digits.
    private static func areLowerDigits(_ value: String) -> Bool? {
        var value = value
        return value.withUTF8 { bytes in
            var isLower = true
            for byte in bytes {
                switch byte {
                case 0x30...0x39, 0x61...0x66: break
                case 0x41...0x46: isLower = false
                default: return nil
                }
            }
            return isLower
        }
    }
}

extension HTTPRequest {
    /// Whether the request has no body and signs the hash of nothing, as nearly all reads do. False says nothing.
    var rightlySaysItIsEmpty: Bool {
        guard let bytes = body.bytes, bytes.isEmpty, rawQuery.isEmpty else { return false }
        return headers.withValue(of: "X-Amz-Content-Sha256") { $0.elementsEqual(SHA256.hexOfNothing.utf8) }
            ?? false
    }

    /// The text that is signed in place of the body's hash: a presigned URL may bring it in its query, where it
    /// counts before a header's. Without a signature there it counts for nothing, since anybody may have added it. Nil
    /// when the request says nothing about its body.
    public var claimedPayloadHash: String? {
        let sent = headers["X-Amz-Content-Sha256"]
        if rawQuery.isEmpty || headers["Authorization"] != nil { return sent }
        let query = SignedQuery(rawQuery: rawQuery)
        return query.has("X-Amz-Signature") ? query["X-Amz-Content-Sha256"] ?? sent : sent
    }
}

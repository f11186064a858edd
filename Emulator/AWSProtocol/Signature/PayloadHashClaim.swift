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
        switch value {
        case "UNSIGNED-PAYLOAD": self = .unsigned
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": self = .streaming(isSigned: true, hasTrailer: false)
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": self = .streaming(isSigned: true, hasTrailer: true)
        case "STREAMING-UNSIGNED-PAYLOAD-TRAILER": self = .streaming(isSigned: false, hasTrailer: true)
        default:
            guard value.utf8.count == 64 else { return nil }
            var isLower = true
            for byte in value.utf8 {
                switch byte {
                case 0x30...0x39, 0x61...0x66: break
                case 0x41...0x46: isLower = false
                default: return nil
                }
            }
            self = .hash(isLower ? value : value.lowercased())
        }
    }
}

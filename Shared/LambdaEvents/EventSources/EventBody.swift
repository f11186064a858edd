import Bytes
import LambdaEvents

/// Bodies of HTTP events.
enum EventBody {
    /// The bytes behind a body; empty when there is none.
    static func bytes(_ body: String?, isBase64Encoded: Bool) throws(EventDecodingError) -> [UInt8] {
        guard let body else { return [] }
        guard isBase64Encoded else { return body.bytes }
        guard let bytes = Base64.decode(body) else {
            throw EventDecodingError(field: "body", reason: "is not base64, though isBase64Encoded says so")
        }
        return bytes
    }
}

/// Headers of events that keep the case in which clients wrote them.
enum HeaderSearch {
    static func value(of name: String, in headers: [String: String]) -> String? {
        if let value = headers[name] { return value }
        let wanted = name.lowercased()
        return headers.first { $0.key.lowercased() == wanted }?.value
    }
}

import Bytes
import Digests
import JSON

/// Opaque page cursors: a JSON document with an HMAC-SHA-256 tag, both base64url.
///
/// A client cannot read another user's page by editing one, since the tag covers every byte.
public struct SignedCursor: Sendable {
    private let key: [UInt8]
    private let purpose: [UInt8]

    /// - Parameter purpose: keeps cursors of one list from being used on another.
    public init(secret: String, purpose: String) {
        self.key = secret.bytes
        self.purpose = (purpose + "\u{0}").bytes
    }

    public func seal(_ position: JSONObject) -> String {
        let payload = JSONValue.object(position).encoded()
        return Base64.encodeURL(payload) + "." + Base64.encodeURL(tag(payload))
    }

    /// nil for anything that `seal` with this secret and purpose did not make.
    public func open(_ cursor: String) -> JSONObject? {
        guard cursor.utf8.count <= 2048 else { return nil }
        let parts = cursor.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let payload = Base64.decodeURL(String(parts[0])),
            let claimed = Base64.decodeURL(String(parts[1])),
            constantTimeEqual(claimed, tag(payload)),
            // The tag proves that we wrote it, so a second spelling of the same bytes is tampering too.
            Base64.encodeURL(payload) == parts[0], Base64.encodeURL(claimed) == parts[1]
        else { return nil }
        return (try? JSONValue.parse(payload))?.object
    }

    private func tag(_ payload: [UInt8]) -> [UInt8] {
        HMAC.sha256(key: key, purpose + payload)
    }
}

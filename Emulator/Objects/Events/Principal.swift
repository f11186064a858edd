import AWSProtocol
import Digests
import Synchronization

/// Who did something, as event records name it: an identity of IAM's form, the same for the same access key.
enum Principal {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    /// Every write tells it, and nearly all are signed with one key.
    private static let latest = Mutex<(accessKeyID: String, name: String)>(("", ""))

    static func name(_ identity: CallerIdentity) -> String {
        guard case .signed(let accessKeyID) = identity else { return "Anonymous" }
        return latest.withLock { latest in
            if latest.accessKeyID != accessKeyID || latest.name.isEmpty {
                latest = (accessKeyID, "AWS:AIDA\(letters(17, of: accessKeyID))")
            }
            return latest.name
        }
    }

    /// The owner of an account's buckets.
    static func owner(_ accountID: String) -> String { "A\(letters(13, of: "owner \(accountID)"))" }

    private static func letters(_ count: Int, of text: String) -> String {
        String(decoding: SHA256.hash(text).prefix(count).map { alphabet[Int($0 & 31)] }, as: UTF8.self)
    }
}

import Digests
import Signing
import Synchronization

/// A `Credential` that has been found good: whose it is, and what signatures for its scope are made with.
final class KnownCredential: Sendable {
    /// As requests send it: `keyid/date/region/service/aws4_request`.
    let text: String
    let credentials: Credentials
    let scope: SigningScope
    let scopeText: String
    /// 32 bytes.
    let signingKey: [UInt8]
    let signer: HMAC.SHA256Key

    init(_ text: String, _ credentials: Credentials, _ scope: SigningScope) {
        self.text = text
        self.credentials = credentials
        self.scope = scope
        scopeText = scope.text
        signingKey = SigningKey.derive(secret: credentials.secretAccessKey, scope: scope)
        signer = HMAC.SHA256Key(signingKey)
    }
}

/// The credentials of recent requests. Clients send one text all day, and reading it, finding its key and
/// deriving the signing key (four HMACs) is more work than checking a signature.
final class CredentialCache: Sendable {
    /// When full it starts anew. Only known keys and checked scopes get here, so nobody can fill it at will but
    /// by the dates of requests, and those are held against the clock.
    private static let capacity = 64

    private let entries = Mutex<[KnownCredential]>([])

    subscript(text: String) -> KnownCredential? {
        entries.withLock { entries in
            for index in entries.indices where entries[index].text == text { return entries[index] }
            return nil
        }
    }

    func add(_ credential: KnownCredential) {
        entries.withLock { entries in
            if entries.count >= Self.capacity { entries.removeAll(keepingCapacity: true) }
            entries.append(credential)
        }
    }
}

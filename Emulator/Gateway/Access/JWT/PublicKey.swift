import Bytes
import CSignature
import JSON

/// One public key of a JSON Web Key Set (RFC 7517), of RSA or of the curve P-256.
final class PublicKey: Sendable {
    enum Kind: Sendable {
        case rsa
        case p256
    }

    let id: String?
    let kind: Kind
    /// The one algorithm that the key is for, if it says so.
    let algorithm: String?
    /// Unchecked: OpenSSL counts references and locks by itself, and nothing changes the key.
    private nonisolated(unsafe) let key: OpaquePointer

    /// nil for a key of another kind or use, or of numbers that make none.
    init?(_ json: JSONValue) {
        func number(_ name: String) -> [UInt8]? { json[name]?.string.flatMap { Base64.decodeURL($0) } }
        guard json["use"]?.string ?? "sig" == "sig" else { return nil }
        let made: OpaquePointer?
        switch json["kty"]?.string {
        case "RSA":
            guard let n = number("n"), let e = number("e"), (128...2_048).contains(n.count), e.count <= 8
            else {
                return nil
            }
            kind = .rsa
            made = mumble_rsa_key(n, n.count, e, e.count)
        case "EC":
            guard json["crv"]?.string == "P-256", let x = number("x"), let y = number("y"), x.count == 32,
                y.count == 32
            else { return nil }
            kind = .p256
            made = mumble_p256_key(x, y)
        default: return nil
        }
        guard let made else { return nil }
        key = made
        id = json["kid"]?.string
        algorithm = json["alg"]?.string
    }

    deinit { mumble_public_key_free(key) }

    func verifies(_ message: [UInt8], _ signature: [UInt8], _ algorithm: JWTAlgorithm) -> Bool {
        guard kind == algorithm.keyKind, self.algorithm ?? algorithm.rawValue == algorithm.rawValue else {
            return false
        }
        return mumble_signature_holds(
            key, algorithm.hashBits, message, message.count, signature, signature.count) == 1
    }
}

/// Algorithms of signatures (RFC 7518, 3.1) that are accepted: AWS's three, and ES256, which AWS lacks.
enum JWTAlgorithm: String, Sendable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case es256 = "ES256"

    var keyKind: PublicKey.Kind { self == .es256 ? .p256 : .rsa }

    /// Of SHA-2.
    var hashBits: Int32 {
        switch self {
        case .rs256, .es256: 256
        case .rs384: 384
        case .rs512: 512
        }
    }
}

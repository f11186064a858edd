import Bytes
import JSON

/// A token taken apart (RFC 7515, 7519), neither trusted nor checked yet.
struct JSONWebToken {
    /// Bytes of a token; a head of request could not hold a longer one.
    private static let largest = 10_240

    let algorithm: String
    let keyID: String?
    let claims: JSONObject
    /// What is signed.
    let message: [UInt8]
    let signature: [UInt8]

    init(_ text: String) throws(JWTFailure) {
        guard text.utf8.count <= Self.largest else { throw .init("token is too large") }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .init("token contains an invalid number of segments") }
        let header = try Self.object(parts[0])
        guard let name = header["alg"]?.string else { throw .init("signing method (alg) is unspecified") }
        algorithm = name
        keyID = header["kid"]?.string
        claims = try Self.object(parts[1])
        message = Array(parts[0]) + [UInt8(ascii: ".")] + Array(parts[1])
        guard let bytes = Base64.decodeURL(String(Substring(parts[2]))) else {
            throw .init("illegal base64 data in the token's signature")
        }
        signature = bytes
    }

    private static func object(_ part: Substring.UTF8View) throws(JWTFailure) -> JSONObject {
        guard let bytes = Base64.decodeURL(String(Substring(part))) else {
            throw .init("illegal base64 data in the token")
        }
        guard let object = (try? JSONValue.parse(bytes))?.object else {
            throw .init("the token's segments are not JSON objects")
        }
        return object
    }
}

/// Why a token is refused: what stands in `error_description` of `www-authenticate`.
struct JWTFailure: Error, Equatable {
    let description: String

    init(_ description: String) { self.description = description }
}

import Bytes
import Digests

/// Step 3 of Signature Version 4: a key that is good for one scope only.
///
/// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
/// (derive a signing key).
public enum SigningKey {
    /// 32 bytes.
    public static func derive(secret: String, scope: SigningScope) -> [UInt8] {
        let dateKey = HMAC.sha256(key: ("AWS4" + secret).bytes, scope.date)
        let regionKey = HMAC.sha256(key: dateKey, scope.region)
        let serviceKey = HMAC.sha256(key: regionKey, scope.service)
        return HMAC.sha256(key: serviceKey, "aws4_request")
    }
}

/// Step 4 of Signature Version 4: the signature as 64 lower-case hexadecimal digits.
public func signature(key: [UInt8], stringToSign: String) -> String {
    Hex.encode(HMAC.sha256(key: key, stringToSign))
}

/// How a service canonicalises a request's path.
///
/// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
public enum SigningStyle: Sendable, Equatable {
    /// Dot segments and double slashes are resolved, then the encoded path is encoded once more.
    case standard
    /// Object keys may contain `//` and `..`: the path is taken as it is and encoded once.
    case s3
}

/// What stands for the body in a canonical request.
public enum PayloadHash: Sendable, Equatable {
    /// The body itself; its SHA-256 is computed.
    case bytes([UInt8])
    /// The body's SHA-256, 64 hexadecimal digits.
    case precomputed(String)
    /// `UNSIGNED-PAYLOAD`: S3 accepts bodies without a hash.
    case unsigned
    /// Any other fixed text, such as `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`.
    case literal(String)
}

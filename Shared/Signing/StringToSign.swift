import Bytes
import Digests

/// Step 2 of Signature Version 4: algorithm, time, scope and the hash of what is signed.
public enum StringToSign {
    public static let algorithm = "AWS4-HMAC-SHA256"

    /// For a request. `timestamp` is `yyyymmddThhmmssZ`.
    ///
    /// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    /// (create a string to sign).
    public static func text(timestamp: String, scope: SigningScope, canonicalRequest: String) -> String {
        String(
            utf8: bytes(
                timestamp: timestamp, scope: scope.text, canonicalRequestHash: SHA256.hex(canonicalRequest)
            ).array)
    }

    /// As `text`, in UTF-8: what is signed. `scope` is ``SigningScope/text``.
    public static func bytes(
        timestamp: String, scope: String, canonicalRequestHash: String
    ) -> ByteBuffer {
        var text = ByteBuffer(capacity: 192)
        text.append(algorithm)
        text.append(0x0A)
        text.append(timestamp)
        text.append(0x0A)
        text.append(scope)
        text.append(0x0A)
        text.append(canonicalRequestHash)
        return text
    }

    /// For one chunk of an `aws-chunked` body; `previousSignature` is the chunk's before, or the
    /// request's own for the first.
    ///
    /// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
    public static func chunk(
        timestamp: String, scope: SigningScope, previousSignature: String, chunkHash: String
    ) -> String {
        """
        \(algorithm)-PAYLOAD
        \(timestamp)
        \(scope.text)
        \(previousSignature)
        \(SHA256.hex(""))
        \(chunkHash)
        """
    }

    /// For the trailing headers of an `aws-chunked` body; `trailerHash` is the SHA-256 of
    /// `name:value\n` lines in the order they are sent.
    ///
    /// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
    public static func trailer(
        timestamp: String, scope: SigningScope, previousSignature: String, trailerHash: String
    ) -> String {
        "\(algorithm)-TRAILER\n\(timestamp)\n\(scope.text)\n\(previousSignature)\n\(trailerHash)"
    }
}

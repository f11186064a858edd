import Clock
import HTTPTypes
import Signing

/// Who sent a request, as far as its signature tells.
public enum CallerIdentity: Sendable, Equatable {
    /// The request carried a valid SigV4 signature of this access key. When the endpoint accepts any
    /// credentials, an unsigned request counts as signed by the key named `anonymous`.
    case signed(accessKeyID: String)
    /// The request carried no signature at all. Only services that have public operations see this.
    case anonymous
}

/// What a service needs to verify signatures that continue the request's own, such as the chunk
/// signatures of an `aws-chunked` body (Amazon S3 API Reference, "Signature Calculations for the
/// Authorization Header: Transferring Payload in Multiple Chunks").
///
/// An object, since a request's context is passed on many times.
public final class SignatureContext: Sendable {
    /// The derived SigV4 signing key, 32 bytes.
    public let signingKey: [UInt8]
    /// The signature of the request itself, lower-case hex: the first chunk continues it.
    public let seedSignature: String
    public let scope: SigningScope
    /// The request time as `20260102T030405Z`.
    public let timestamp: String

    public init(signingKey: [UInt8], seedSignature: String, scope: SigningScope, timestamp: String) {
        self.signingKey = signingKey
        self.seedSignature = seedSignature
        self.scope = scope
        self.timestamp = timestamp
    }
}

/// The facts about one request that every operation may need.
public struct AWSContext: Sendable {
    /// Unique per request. 52 letters and digits for JSON services, 16 for S3, a UUID for Lambda.
    public var requestID: String
    /// The second id of an S3 answer (`x-amz-id-2`, `HostId`); empty for other services.
    public var hostID: String
    public var region: String
    /// Twelve digits.
    public var accountID: String
    /// Taken once, when the request arrived.
    public var now: Timestamp
    public var identity: CallerIdentity
    /// For S3 only; nil for an anonymous request and when the endpoint accepts any credentials.
    public var signature: SignatureContext?
    /// Judges a signature that stands inside of the body; nil where no service has such.
    public var policyVerifier: PolicyVerifier?

    public init(
        requestID: String, hostID: String = "", region: String, accountID: String, now: Timestamp,
        identity: CallerIdentity, signature: SignatureContext? = nil, policyVerifier: PolicyVerifier? = nil
    ) {
        self.requestID = requestID
        self.hostID = hostID
        self.region = region
        self.accountID = accountID
        self.now = now
        self.identity = identity
        self.signature = signature
        self.policyVerifier = policyVerifier
    }
}

extension HTTPHeaders.Field {
    /// Whether its name begins with `x-amz-`, in whatever case.
    public var isAmazonHeader: Bool { isNameBeginning(with: "x-amz-") }
}

extension String {
    /// Whether a header's name begins with `x-amz-`, in whatever case.
    public var isAmazonHeader: Bool {
        var name = self
        return name.withUTF8 { bytes in
            guard bytes.count >= 6 else { return false }
            return bytes[0] | 0x20 == UInt8(ascii: "x") && bytes[1] == UInt8(ascii: "-")
                && bytes[2] | 0x20 == UInt8(ascii: "a") && bytes[3] | 0x20 == UInt8(ascii: "m")
                && bytes[4] | 0x20 == UInt8(ascii: "z") && bytes[5] == UInt8(ascii: "-")
        }
    }
}

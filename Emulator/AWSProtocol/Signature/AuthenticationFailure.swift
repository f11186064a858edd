import Clock

/// Why a request was not believed. The verifier finds the reason once; each dialect
/// (``JSONAuthenticationDialect``, ``S3AuthenticationDialect``) words it as its services do.
package enum AuthenticationFailure: Error, Sendable {
    package enum ExpiresProblem: Sendable { case notANumber, negative, beyondAWeek }

    /// No signature at all.
    case missing
    /// Both an `Authorization` header and `X-Amz-Algorithm` in the query.
    /// Carries that header.
    case twoMechanisms(String)
    /// `Authorization` is not a SigV4 header. Carries its text.
    case unsupportedScheme(String)
    /// `Authorization` misses fields. `algorithm` is its first word.
    case incompleteHeader(missing: [String], lacksDate: Bool, algorithm: String)
    case incompleteQuery(missing: [String])
    /// A Signature Version 2 header that is not `AWS key:signature`. Carries its text.
    case malformedHeaderV2(String)
    /// A Signature Version 2 query without key, signature or expiry.
    case incompleteQueryV2
    case unsupportedAlgorithm(String)
    /// Not five parts divided by slashes.
    case malformedCredential(String)
    /// The first of the five parts is empty.
    case emptyAccessKey(credential: String)
    case wrongRegion(String, expected: String)
    case wrongService(String, expected: String)
    case wrongTerminator(String)
    case malformedScopeDate(String)
    case scopeDateDiffers(scope: String, timestamp: String)
    case malformedDate(String)
    case expires(ExpiresProblem)
    /// The expiry of a Signature Version 2 query is not a time in seconds since 1970.
    case malformedEpoch(String)
    /// `seconds` is the life span that a Signature Version 4 query asked for; nil in version 2.
    case expired(at: Timestamp, seconds: Int?, now: Timestamp)
    case notYetValid(Timestamp, now: Timestamp)
    case skewed(timestamp: String, at: Timestamp, now: Timestamp)
    case unknownAccessKey(String)
    /// A session token is absent, superfluous or wrong.
    case wrongToken(String?)
    case hostNotSigned
    case headersNotSigned([String])
    /// `canonicalRequest` is nil in Signature Version 2, which has none.
    case signatureMismatch(
        accessKeyID: String, stringToSign: String, provided: String, canonicalRequest: String?)
    case missingContentHash
    case malformedContentHash(String)
    case contentHashDiffers(claimed: String, computed: String)

    /// Largest difference between request time and server time, in minutes (AWS General Reference).
    static let allowedSkewMinutes: Int64 = 15
    static let allowedSkewMilliseconds: Int64 = allowedSkewMinutes * 60_000
}

/// Where the signature of a request stands; S3 words failures by it.
enum SignatureLocation: Sendable { case header, query }

import Bytes
import Clock
import Digests
import Signing

/// Decides who signed the policy of an S3 POST form (Amazon S3 API Reference, "Browser-Based Uploads Using POST";
/// for Signature Version 2 the Amazon S3 User Guide, "Browser-based uploads using POST"). The string to sign is
/// the policy as the form carries it, so it is judged before anybody decodes it.
public final class PolicyVerifier: Sendable {
    private static let fieldsV4 = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature"]
    private static let fieldsV2 = ["AWSAccessKeyId", "Signature"]

    let verifier: SignatureVerifier

    init(verifier: SignatureVerifier) { self.verifier = verifier }

    /// - Parameter field: reads a field of the form, whatever the case of its name.
    /// - Returns: who signed; nil for a form without any field of a signature.
    /// - Throws: S3's error for a form that claims a signature and has no good one.
    public func verify(_ field: (_ name: String) -> String?) throws(AWSError) -> CallerIdentity? {
        if Self.fieldsV4.contains(where: { field($0) != nil }) {
            let policy = try Self.complete(Self.fieldsV4, field)
            return try verifyV4(policy: policy, field)
        }
        guard Self.fieldsV2.contains(where: { field($0) != nil }) else { return nil }
        return try verifyV2(policy: try Self.complete(Self.fieldsV2, field), field)
    }

    /// The policy, when no field is missing.
    private static func complete(
        _ names: [String], _ field: (_ name: String) -> String?
    ) throws(AWSError) -> String {
        for name in names where field(name) == nil { throw missing(name) }
        guard let policy = field("policy") else { throw missing("policy") }
        return policy
    }

    /// The error of a form that lacks a field, or has it behind its file. Public since S3 words other missing
    /// fields the same.
    public static func missing(_ name: String) -> AWSError {
        argument(
            "Bucket POST must contain a field named '\(name)'.  If it is specified, please check the order of "
                + "the fields.",
            name, "")
    }

    private static func argument(_ message: String, _ name: String, _ value: String) -> AWSError {
        AWSError(
            code: "InvalidArgument", message: message,
            elements: [("ArgumentName", name), ("ArgumentValue", value)])
    }

    // MARK: - Signature Version 4

    private func verifyV4(
        policy: String, _ field: (_ name: String) -> String?
    ) throws(AWSError) -> CallerIdentity {
        let algorithm = field("X-Amz-Algorithm") ?? ""
        let credential = field("X-Amz-Credential") ?? ""
        let date = field("X-Amz-Date") ?? ""
        let provided = field("X-Amz-Signature") ?? ""
        guard algorithm == SignatureClaimParser.algorithm else {
            throw Self.argument(
                "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"", "X-Amz-Algorithm", algorithm)
        }
        guard Timestamp(iso8601Basic: date) != nil else {
            throw Self.argument("X-Amz-Date must be formated via ISO8601 Long format", "X-Amz-Date", date)
        }
        let (name, scope) = try scope(of: credential)
        let key = try known(name, token: field("x-amz-security-token"))
        guard let key else { return .signed(accessKeyID: name) }
        let signingKey = SigningKey.derive(secret: key.secretAccessKey, scope: scope)
        let expected = signature(key: signingKey, stringToSign: policy)
        try compare(expected, provided, key: name, policy: policy)
        return .signed(accessKeyID: name)
    }

    private func scope(of credential: String) throws(AWSError) -> (accessKeyID: String, SigningScope) {
        let parts = credential.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        func refused(_ message: String) -> AWSError {
            Self.argument(message, "X-Amz-Credential", credential)
        }
        guard parts.count >= 5 else {
            throw refused(
                "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."
            )
        }
        let name = parts.dropLast(4).joined(separator: "/")
        let scope = Array(parts.suffix(4))
        guard !name.isEmpty else {
            throw refused("a non-empty Access Key (AKID) must be provided in the credential.")
        }
        guard scope[0].utf8.count == 8, scope[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw refused(
                "incorrect date format \"\(scope[0])\". This date in the credential must be in the format "
                    + "\"yyyyMMdd\".")
        }
        guard scope[1] == verifier.region else {
            var error = refused("the region '\(scope[1])' is wrong; expecting '\(verifier.region)'")
            error.elements.append(("Region", verifier.region))
            throw error
        }
        guard scope[2] == "s3" else {
            throw refused("incorrect service \"\(scope[2])\". This endpoint belongs to \"s3\".")
        }
        guard scope[3] == "aws4_request" else {
            throw refused("incorrect terminal \"\(scope[3])\". This endpoint uses \"aws4_request\".")
        }
        return (name, SigningScope(date: scope[0], region: scope[1], service: scope[2]))
    }

    // MARK: - Signature Version 2

    private func verifyV2(
        policy: String, _ field: (_ name: String) -> String?
    ) throws(AWSError) -> CallerIdentity {
        let name = field("AWSAccessKeyId") ?? ""
        guard let key = try known(name, token: field("x-amz-security-token")) else {
            return .signed(accessKeyID: name)
        }
        let expected = Base64.encode(HMAC.sha1(key: key.secretAccessKey.bytes, policy))
        try compare(expected, field("Signature") ?? "", key: name, policy: policy)
        return .signed(accessKeyID: name)
    }

    // MARK: - Parts of both

    /// Nil when any key is believed.
    private func known(_ name: String, token: String?) throws(AWSError) -> Credentials? {
        if verifier.acceptsAnyCredentials { return nil }
        do throws(AuthenticationFailure) {
            return try verifier.knownKey(name, token: token)
        } catch {
            throw S3AuthenticationDialect.error(for: error, location: .query)
        }
    }

    private func compare(
        _ expected: String, _ provided: String, key: String, policy: String
    ) throws(AWSError) {
        guard !constantTimeEqual(expected.bytes, provided.bytes) else { return }
        throw S3AuthenticationDialect.error(
            for: .signatureMismatch(
                accessKeyID: key, stringToSign: policy, provided: provided, canonicalRequest: nil),
            location: .query)
    }
}

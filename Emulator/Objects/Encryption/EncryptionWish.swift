import AWSProtocol
import Bytes
import Digests
import JSON

/// How a client wants a new object encrypted; what it leaves open, the bucket decides (Amazon S3 User Guide,
/// "Protecting data with server-side encryption").
struct EncryptionWish: Sendable, Equatable {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`.
    var algorithm: String?
    /// As sent: an id, an alias or an ARN.
    var keyID: String?
    var usesBucketKey: Bool?
    var customerKey: CustomerKey?

    static let algorithms: Set<String> = ["AES256", "aws:kms", "aws:kms:dsse"]

    /// - Throws: InvalidArgument, InvalidEncryptionAlgorithmError.
    init(_ request: S3Request) throws(AWSError) {
        guard request.mentionsEncryption else { return }
        algorithm = request.header(ObjectEncryption.header)
        keyID = request.header("\(ObjectEncryption.header)-aws-kms-key-id").flatMap { $0.isEmpty ? nil : $0 }
        customerKey = try CustomerKey.read(from: request)
        if let algorithm {
            if customerKey != nil {
                throw Self.invalid(
                    "Server Side Encryption with Customer provided key is incompatible with the encryption "
                        + "method specified", algorithm)
            }
            guard Self.algorithms.contains(algorithm) else {
                throw Self.invalid("The encryption method specified is not supported", algorithm)
            }
        }
        if keyID != nil, algorithm?.hasPrefix("aws:kms") != true {
            throw Self.invalid(
                "Server Side Encryption with AWS KMS managed key requires HTTP header "
                    + "x-amz-server-side-encryption : aws:kms", algorithm ?? "null")
        }
        usesBucketKey = try Self.flag(request, "\(ObjectEncryption.header)-bucket-key-enabled")
        try Self.checkContext(request)
    }

    /// What holds for a new object in this bucket.
    /// - Throws: AccessDenied when the bucket blocks keys of clients, KMS.NotFoundException.
    func resolved(
        in bucket: BucketRecord, _ core: ObjectsCore
    ) throws(AWSError) -> ObjectEncryption {
        if customerKey == nil, algorithm == nil, bucket.documents[.encryption] == nil { return .managed }
        let byDefault = DefaultEncryption(of: bucket)
        if let customerKey {
            if byDefault.blocksCustomerKeys { throw .accessDenied() }
            return .customer(keyMD5: customerKey.md5)
        }
        let algorithm = algorithm ?? byDefault.algorithm
        guard algorithm != "AES256" else { return .managed }
        let key = try KeyServiceKey.arn(of: keyID ?? byDefault.keyID, core.configuration)
        let usesBucketKey = algorithm == "aws:kms" && (usesBucketKey ?? byDefault.usesBucketKey)
        return .keyService(algorithm: algorithm, keyID: key, usesBucketKey: usesBucketKey)
    }

    private static func invalid(_ message: String, _ value: String) -> AWSError {
        .invalidArgument(message, name: ObjectEncryption.header, value: value)
    }

    private static func flag(_ request: S3Request, _ name: String) throws(AWSError) -> Bool? {
        switch request.header(name)?.lowercased() {
        case nil: return nil
        case "true": return true
        case "false": return false
        case let value?:
            throw .invalidArgument("The value of \(name) must be true or false.", name: name, value: value)
        }
    }

    /// The encryption context says nothing here, for nothing is encrypted; but a wrong one is refused.
    private static func checkContext(_ request: S3Request) throws(AWSError) {
        let name = "\(ObjectEncryption.header)-context"
        guard let text = request.header(name) else { return }
        guard let bytes = Base64.decode(text), let value = try? JSONValue.parse(bytes), value.object != nil
        else {
            throw .invalidArgument(
                "The header '\(name)' shall be Base64-encoded UTF-8 string holding JSON which represents a "
                    + "string-string map", name: name, value: text)
        }
    }
}

/// The rule that a bucket applies to new objects.
struct DefaultEncryption: Sendable, Equatable {
    var algorithm = "AES256"
    var keyID: String?
    var usesBucketKey = false
    var blocksCustomerKeys = false

    init(of bucket: BucketRecord) {
        guard let rule = PutBucketEncryption.configuration.tree(of: bucket)?.child("Rule") else { return }
        let byDefault = rule.child("ApplyServerSideEncryptionByDefault")
        algorithm = byDefault?["SSEAlgorithm"] ?? "AES256"
        keyID = byDefault?["KMSMasterKeyID"]
        usesBucketKey = rule["BucketKeyEnabled"] == "true"
        let blocked = rule.child("BlockedEncryptionTypes")?.all("EncryptionType") ?? []
        blocksCustomerKeys = blocked.contains { $0.text == "SSE-C" }
    }
}

/// Names of keys of the key management service. There is none here, so any key exists.
enum KeyServiceKey {
    /// The full name of a key.
    /// - Parameter name: an id, an alias, an ARN, or nil for the account's key `aws/s3`.
    /// - Throws: KMS.NotFoundException for a key of another region.
    static func arn(
        of name: String?, _ configuration: ObjectsService.Configuration
    ) throws(AWSError) -> String {
        let prefix = "arn:aws:kms:\(configuration.region):\(configuration.accountID):"
        guard let name, !name.isEmpty, name != "alias/aws/s3" else {
            return prefix + "key/" + ownKey(configuration)
        }
        if name.hasPrefix("arn:") {
            let parts = name.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
            guard parts.count == 6, parts[2] == "kms" else {
                throw AWSError(code: "KMS.NotFoundException", message: "Invalid keyId '\(name)'")
            }
            guard parts[3] == configuration.region else {
                throw AWSError(code: "KMS.NotFoundException", message: "Invalid arn \(parts[3])")
            }
            return name
        }
        return prefix + (name.hasPrefix("alias/") ? name : "key/\(name)")
    }

    /// An account's key for S3 has an id that is always the same.
    private static func ownKey(_ configuration: ObjectsService.Configuration) -> String {
        let digits = SHA256.hex("aws/s3 of \(configuration.accountID) in \(configuration.region)").bytes
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(utf8: Array(digits[$0])) }
            .joined(separator: "-")
    }
}

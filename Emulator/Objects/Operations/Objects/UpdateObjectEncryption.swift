import AWSProtocol
import Clock
import HTTPTypes
import Store

/// PUT /bucket/key?encryption: another key for an object that stays as it is, dates and tags included.
enum UpdateObjectEncryption {
    private static let name = "The UpdateObjectEncryption operation"
    private static let needsKey = "Requests that modify an object's encryption type to SSE-KMS require "

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let selector = try VersionSelector(request)
        let versions = Versions(bucket: request.bucket, key: request.key)
        _ = try core.store.read { try core.bucket(versions.bucket, in: $0) }
        let wanted = try encryption(
            try DigestRequired.document(of: request), accountID: core.configuration.accountID)
        let now = request.context.now
        try await core.store.commit { transaction in
            _ = try core.bucket(versions.bucket, in: transaction)
            var record = try selector.find(versions, method: "PUT", in: transaction)
            try check(record, at: now)
            record.attributes.encryption = wanted
            try versions.update(record, in: transaction)
        }
        return HTTPResponse(status: 200)
    }

    /// - Throws: MalformedXML, InvalidRequest, AccessDenied for a key of another account.
    private static func encryption(
        _ document: [UInt8], accountID: String
    ) throws(AWSError) -> ObjectEncryption {
        guard let root = try? XMLReader.parse(document), root.name == "ObjectEncryption" else {
            throw .malformedXML
        }
        guard let chosen = root.child("SSE-KMS"), root.children.count == 1 else {
            throw .invalidRequest(
                "Requests that modify an object encryption configuration require a valid new encryption type. "
                    + "Valid values are SSEKMS. Modify the request to specify SSE-KMS for the updated "
                    + "encryption type, and then try again.")
        }
        guard let key = chosen["KMSKeyArn"], !key.isEmpty else {
            throw .invalidRequest(
                needsKey + "an Amazon Web Services KMS key Amazon Resource Name (ARN). Modify the request to "
                    + "specify a KMS key ARN, and then try again.")
        }
        let parts = key.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[1].hasPrefix("aws"), parts[2] == "kms",
            parts[4].utf8.count == 12, parts[5].hasPrefix("key/"), parts[5].utf8.count > 4
        else {
            throw .invalidRequest(
                needsKey + "a valid Amazon Web Services KMS key Amazon Resource Name (ARN). Confirm that you "
                    + "have a correctly formatted KMS key ARN in your request, and then try again.")
        }
        guard parts[4] == accountID else {
            throw .accessDenied(
                "The Amazon Web Services KMS key in the request must be owned by the same account as the "
                    + "bucket. Modify the request to specify a KMS key from the same account, and then try "
                    + "again.")
        }
        let flag = chosen["BucketKeyEnabled"] ?? "false"
        guard ["true", "false"].contains(flag) else {
            throw .invalidRequest(
                "The BucketKeyEnabled value isn't valid. Valid values are true or false. Modify the request to "
                    + "specify a valid value, and then try again.")
        }
        return .keyService(algorithm: "aws:kms", keyID: key, usesBucketKey: flag == "true")
    }

    private static func check(_ record: ObjectRecord, at now: Timestamp) throws(AWSError) {
        switch record.attributes.encryption {
        case .managed, .keyService("aws:kms", _, _): break
        case .keyService, .customer:
            throw .invalidRequest(
                name + " doesn't support source objects with the encryption type DSSE-KMS or SSE-C. Only "
                    + "source objects encrypted with SSE-S3 or SSE-KMS are supported.")
        }
        do throws(AWSError) {
            try LockProtection.check(record, now: now, bypassesGovernance: false)
        } catch {
            throw .accessDenied(
                "The encryption type for the specified object can't be updated because that object is "
                    + "protected by S3 Object Lock. If the object has a governance-mode retention period or a "
                    + "legal hold, you must first remove the Object Lock status on the object before you issue "
                    + "your UpdateObjectEncryption request. You can't use the UpdateObjectEncryption operation "
                    + "with objects that have an Object Lock compliance mode retention period applied to them."
            )
        }
    }
}

import AWSProtocol
import HTTPTypes

/// PUT /bucket?encryption: how objects are encrypted whose clients say nothing.
enum PutBucketEncryption {
    static let configuration = BucketConfiguration(
        kind: .encryption,
        shape: DocumentShape(
            "ServerSideEncryptionConfiguration",
            [
                .required(
                    "Rule",
                    .children([
                        .optional(
                            "ApplyServerSideEncryptionByDefault",
                            .children([
                                .required("SSEAlgorithm", .word(EncryptionWish.algorithms)),
                                .optional("KMSMasterKeyID", .text),
                            ])),
                        .optional("BucketKeyEnabled", .flag),
                        .optional(
                            "BlockedEncryptionTypes",
                            .children([.list("EncryptionType", .word(["NONE", "SSE-C"]), 0...2)])),
                    ]))
            ]),
        absence: .document([rule(byDefault: ownKeys, [])]))

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        try await configuration.put(request, core) { tree, _, _ in
            guard let sent = tree.child("Rule") else { throw AWSError.malformedXML }
            let byDefault = sent.child("ApplyServerSideEncryptionByDefault")
            guard byDefault != nil || sent.child("BlockedEncryptionTypes") != nil else {
                throw AWSError.malformedXML
            }
            if byDefault?["SSEAlgorithm"] == "AES256", byDefault?["KMSMasterKeyID"] != nil {
                throw AWSError.invalidArgument(
                    "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or "
                        + "aws:kms:dsse", name: "ApplyServerSideEncryptionByDefault", value: nil)
            }
            _ = try KeyServiceKey.arn(of: byDefault?["KMSMasterKeyID"], core.configuration)
            return XMLElement(
                name: tree.name, children: [rule(byDefault: byDefault ?? ownKeys, sent.children)])
        }
    }

    private static let ownKeys = XMLElement(
        name: "ApplyServerSideEncryptionByDefault",
        children: [XMLElement(name: "SSEAlgorithm", text: "AES256")])

    /// A rule with everything that S3 fills in.
    private static func rule(byDefault: XMLElement, _ sent: [XMLElement]) -> XMLElement {
        let bucketKey =
            sent.first { $0.name == "BucketKeyEnabled" }
            ?? XMLElement(name: "BucketKeyEnabled", text: "false")
        return XMLElement(
            name: "Rule",
            children: [byDefault, bucketKey] + sent.filter { $0.name == "BlockedEncryptionTypes" })
    }
}

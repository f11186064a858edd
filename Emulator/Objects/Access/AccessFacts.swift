import AWSProtocol
import Bytes
import Clock
import Signing

/// What a request has for the keys of policies' conditions (IAM User Guide, "AWS global condition context
/// keys"; Service Authorization Reference, "Condition keys for Amazon S3").
struct AccessFacts {
    let request: S3Request
    let bucket: String
    let caller: PolicyCaller
    /// The account of the bucket.
    let accountID: String
    /// The object that is read or changed, if the key names one; looked up when a condition asks for it.
    let object: () -> ObjectRecord?
    let document: RequestDocument

    var facts: PolicyFacts { PolicyFacts { values($0) } }

    private func values(_ key: String) -> [String]? {
        if let name = Self.headers[key] { return request.header(name).map { [$0] } }
        if let name = Self.queryItems[key] { return request.value(name).map { [$0] } }
        if key.hasPrefix("s3:existingobjecttag/") {
            let name = Array(key.utf8.dropFirst("s3:existingobjecttag/".utf8.count))
            return object()?.attributes.tags.first { $0.key.bytes == name }.map { [$0.value] }
        }
        if key.hasPrefix("s3:requestobjecttag") { return requestTags(key) }
        return key.hasPrefix("aws:") ? global(key) : own(key)
    }

    private static let headers = [
        "aws:useragent": "User-Agent", "aws:referer": "Referer", "s3:x-amz-acl": "x-amz-acl",
        "s3:x-amz-copy-source": "x-amz-copy-source",
        "s3:x-amz-grant-full-control": "x-amz-grant-full-control",
        "s3:x-amz-grant-read": "x-amz-grant-read", "s3:x-amz-grant-read-acp": "x-amz-grant-read-acp",
        "s3:x-amz-grant-write": "x-amz-grant-write", "s3:x-amz-grant-write-acp": "x-amz-grant-write-acp",
        "s3:x-amz-metadata-directive": "x-amz-metadata-directive",
        "s3:x-amz-object-ownership": "x-amz-object-ownership",
        "s3:x-amz-server-side-encryption": "x-amz-server-side-encryption",
        "s3:x-amz-server-side-encryption-aws-kms-key-id": "x-amz-server-side-encryption-aws-kms-key-id",
        "s3:x-amz-server-side-encryption-customer-algorithm":
            "x-amz-server-side-encryption-customer-algorithm",
        "s3:x-amz-storage-class": "x-amz-storage-class",
        "s3:x-amz-website-redirect-location": "x-amz-website-redirect-location",
        "s3:if-match": "If-Match", "s3:if-none-match": "If-None-Match",
    ]

    private static let queryItems = [
        "s3:prefix": "prefix", "s3:delimiter": "delimiter", "s3:max-keys": "max-keys",
        "s3:versionid": "versionId",
    ]

    private func global(_ key: String) -> [String]? {
        let now = request.context.now
        switch key {
        case "aws:sourceip": return [request.http.peerAddress]
        // Only http is spoken here.
        case "aws:securetransport": return ["false"]
        case "aws:currenttime": return [now.iso8601Seconds]
        case "aws:epochtime": return [String(now.milliseconds / 1000)]
        case "aws:requestedregion": return [request.context.region]
        case "aws:resourceaccount": return [accountID]
        case "aws:viaawsservice", "aws:principalisawsservice": return ["false"]
        case "aws:principaltype": return [caller == .anonymous ? "Anonymous" : "Account"]
        case "aws:principalarn": return caller.arn.map { [$0] }
        case "aws:principalaccount", "aws:userid", "aws:sourceaccount":
            guard case .account(let id, _) = caller, key != "aws:sourceaccount" else {
                return key == "aws:userid" ? ["anonymous"] : nil
            }
            return [id]
        default: return nil
        }
    }

    private func own(_ key: String) -> [String]? {
        switch key {
        case "s3:resourceaccount": return [accountID]
        case "s3:bucketname": return [bucket]
        // What the body is held against, wherever the request says it.
        case "s3:x-amz-content-sha256": return request.http.claimedPayloadHash.map { [$0] }
        case "s3:authtype":
            if caller == .anonymous { return nil }
            if request.has("X-Amz-Signature") || request.has("Signature") { return ["REST-QUERY-STRING"] }
            return [request.http.method == "POST" && !request.hasAuthorization ? "POST" : "REST-HEADER"]
        case "s3:signatureversion":
            if caller == .anonymous { return nil }
            let isOld =
                request.has("Signature") || request.http.headers["Authorization"]?.hasPrefix("AWS ") == true
            return [isOld ? "AWS" : "AWS4-HMAC-SHA256"]
        case "s3:signatureage":
            guard let date = request.header("x-amz-date"), let time = Timestamp(iso8601Basic: date) else {
                return nil
            }
            return [String(request.context.now.milliseconds - time.milliseconds)]
        case "s3:object-lock-mode": return lock("Mode", "x-amz-object-lock-mode").map { [$0] }
        case "s3:object-lock-legal-hold": return lock("Status", "x-amz-object-lock-legal-hold").map { [$0] }
        case "s3:object-lock-retain-until-date": return retainUntil.map { [$0] }
        case "s3:object-lock-remaining-retention-days":
            guard let until = retainUntil.flatMap({ Timestamp(iso8601: $0) }) else { return nil }
            return [String((until.milliseconds - request.context.now.milliseconds) / 86_400_000)]
        default: return nil
        }
    }

    // MARK: - What a header or a document says

    private var retainUntil: String? { lock("RetainUntilDate", "x-amz-object-lock-retain-until-date") }

    /// An element of the documents of PutObjectRetention and PutObjectLegalHold, or the header that stands for it.
    private func lock(_ element: String, _ header: String) -> String? {
        if let value = request.header(header) { return value }
        guard request.has("retention") || request.has("legal-hold") else { return nil }
        return document.root?[element]
    }

    private func requestTags(_ key: String) -> [String]? {
        guard let tags = document.tags else { return nil }
        if key == "s3:requestobjecttagkeys" { return tags.map(\.key) }
        let name = key.utf8.dropFirst("s3:requestobjecttag/".utf8.count)
        return tags.first { $0.key.utf8.elementsEqual(name) }.map { [$0.value] }
    }

    /// Whether what a policy says of an operation may depend on the document that it brings.
    static func readDocuments(of operation: Operation) -> Bool {
        ["PutObjectTagging", "PutBucketTagging", "PutObjectRetention", "PutObjectLegalHold"].contains(
            operation.name)
    }
}

extension S3Request {
    fileprivate var hasAuthorization: Bool { http.headers["Authorization"] != nil }
}

import AWSProtocol
import Bytes
import HTTPTypes

/// GET /: the account's buckets by name. All of them, unless the client asks for pages.
enum ListBuckets {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let prefix = request.value("prefix") ?? ""
        let limit = try limit(of: request)
        let after = try token(of: request)
        let region = try region(of: request)
        var buckets: [(name: String, record: BucketRecord)] = []
        var isTruncated = false
        let range = StorageKeys.allBuckets
        try core.store.read { snapshot in
            try snapshot.scan(.objects, from: range.from, to: range.to, reverse: false) { key, value in
                let name = StorageKeys.bucketName(key)
                guard name.hasPrefix(prefix), after.map({ name > $0 }) ?? true else { return true }
                let record = try BucketRecord(decoding: value)
                if let region, Region.name(ofLocation: record.region) != region { return true }
                if buckets.count == limit {
                    isTruncated = true
                    return false
                }
                buckets.append((name, record))
                return true
            }
        }
        return ObjectsCore.xml("ListAllMyBucketsResult") { xml in
            xml.element("Owner") { $0.text("ID", core.ownerID) }
            xml.element("Buckets") { xml in
                for bucket in buckets {
                    xml.element("Bucket") { xml in
                        xml.text("Name", bucket.name)
                        xml.text("CreationDate", ListingText.time(bucket.record.created))
                        xml.text("BucketRegion", Region.name(ofLocation: bucket.record.region))
                        xml.text("BucketArn", "arn:aws:s3:::\(bucket.name)")
                    }
                }
            }
            if !prefix.isEmpty { xml.text("Prefix", prefix) }
            if isTruncated, let last = buckets.last {
                xml.text("ContinuationToken", Base64.encode(last.name.bytes))
            }
        }
    }

    /// Whoever comes without a name and is no client of S3, a browser that is, is shown what S3 is.
    static func invitation(_ request: S3Request, _ operation: Operation) -> HTTPResponse? {
        guard request.context.identity == .anonymous, operation.name == "ListBuckets" else { return nil }
        let headers = request.http.headers
        guard VirtualHost.isEndpoint(headers["Host"] ?? ""), headers["amz-sdk-invocation-id"] == nil else {
            return nil
        }
        return HTTPResponse(status: 307, headers: ["Location": "https://aws.amazon.com/s3/"])
    }

    private static func limit(of request: S3Request) throws(AWSError) -> Int {
        guard let text = request.value("max-buckets") else { return Int.max }
        guard let limit = Int(text), (1...10_000).contains(limit) else {
            throw .invalidArgument(
                "Argument max-buckets must be an integer between 1 and 10000", name: "max-buckets",
                value: text)
        }
        return limit
    }

    private static func region(of request: S3Request) throws(AWSError) -> String? {
        guard let region = request.value("bucket-region") else { return nil }
        guard Region.exists(region) || region == request.context.region else {
            throw .invalidArgument(
                "Argument value \(region) is not a valid AWS Region", name: "bucket-region", value: region)
        }
        return region
    }

    private static func token(of request: S3Request) throws(AWSError) -> String? {
        guard let token = request.value("continuation-token") else { return nil }
        guard let bytes = Base64.decode(token), !bytes.isEmpty else {
            throw .invalidArgument(
                "The continuation token provided is incorrect", name: "continuation-token", value: nil)
        }
        return String(utf8: bytes)
    }
}

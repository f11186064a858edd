import AWSProtocol
import HTTPTypes

/// One S3 operation: how a request for it looks, and the code that serves it.
struct Operation: Sendable {
    enum Level: String, Sendable {
        case service = "SERVICE"
        case bucket = "BUCKET"
        case object = "OBJECT"
    }

    typealias Run = @Sendable (S3Request, ObjectsCore) async throws -> HTTPResponse

    var method: String
    var level: Level
    /// The sub-resources that must be in the query, and no other.
    var subresources: Set<String> = []
    /// A header without which this operation is not meant.
    var header: String?
    /// A query item without which this operation is not meant.
    var queryItem: (name: String, value: String)?
    var run: Run

    init(
        _ method: String, _ level: Level, _ subresources: Set<String> = [], header: String? = nil,
        queryItem: (name: String, value: String)? = nil, run: @escaping Run
    ) {
        self.method = method
        self.level = level
        self.subresources = subresources
        self.header = header
        self.queryItem = queryItem
        self.run = run
    }

    fileprivate func fits(_ request: S3Request, _ level: Level, _ named: Set<String>) -> Bool {
        guard self.level == level, method == request.http.method, subresources == named else { return false }
        if let header, request.header(header) == nil { return false }
        if let queryItem, request.value(queryItem.name) != queryItem.value { return false }
        return true
    }
}

/// Every operation that is served. The first entry that fits a request serves it.
enum OperationTable {
    static let operations: [Operation] = [
        Operation("GET", .service, run: ListBuckets.run),
        Operation("PUT", .bucket, run: CreateBucket.run),
        Operation("HEAD", .bucket, run: HeadBucket.run),
        Operation("DELETE", .bucket, run: DeleteBucket.run),
        Operation("GET", .bucket, ["location"], run: GetBucketLocation.run),
        Operation("GET", .bucket, ["versioning"], run: GetBucketVersioning.run),
        Operation("PUT", .bucket, ["cors"], run: PutBucketCors.run),
        Operation("GET", .bucket, ["cors"], run: GetBucketCors.run),
        Operation("DELETE", .bucket, ["cors"], run: DeleteBucketCors.run),
        Operation("GET", .bucket, ["uploads"], run: ListMultipartUploads.run),
        Operation("POST", .bucket, ["delete"], run: DeleteObjects.run),
        Operation("GET", .bucket, queryItem: ("list-type", "2"), run: ListObjectsV2.run),
        Operation("GET", .bucket, run: ListObjects.run),
        Operation("PUT", .object, ["uploadId"], header: "x-amz-copy-source", run: UploadPartCopy.run),
        Operation("PUT", .object, ["uploadId"], run: UploadPart.run),
        Operation("PUT", .object, header: "x-amz-copy-source", run: CopyObject.run),
        Operation("PUT", .object, run: PutObject.run),
        Operation("GET", .object, run: GetObject.run),
        Operation("HEAD", .object, run: HeadObject.run),
        Operation("DELETE", .object, run: DeleteObject.run),
        Operation("POST", .object, ["uploads"], run: CreateMultipartUpload.run),
        Operation("GET", .object, ["uploadId"], run: ListParts.run),
        Operation("POST", .object, ["uploadId"], run: CompleteMultipartUpload.run),
        Operation("DELETE", .object, ["uploadId"], run: AbortMultipartUpload.run),
    ]

    /// The names whose mere presence in a query selects a sub-resource.
    static let subresources: Set<String> = [
        "abac", "accelerate", "acl", "analytics", "attributes", "cors", "delete", "encryption",
        "intelligent-tiering", "inventory", "legal-hold", "lifecycle", "location", "logging",
        "metadataConfiguration", "metadataTable", "metrics", "notification", "object-lock",
        "ownershipControls", "policy", "policyStatus", "publicAccessBlock", "renameObject", "replication",
        "requestPayment", "restore", "retention", "select", "session", "tagging", "torrent", "uploadId",
        "uploads", "versioning", "versions", "website",
    ]

    /// The methods that S3 knows for sub-resources, for the `Allow` header of a refused HEAD.
    private static let allowed: [String: String] = [
        "location": "GET", "uploads": "POST, GET", "versioning": "GET, PUT", "acl": "GET, PUT",
        "tagging": "DELETE, GET, PUT", "policy": "DELETE, GET, PUT", "cors": "DELETE, GET, PUT",
        "uploadId": "DELETE, POST, GET", "delete": "POST",
    ]

    /// Finds the operation, or says as S3 does why there is none.
    static func operation(for request: S3Request) throws(AWSError) -> Operation {
        let level: Operation.Level =
            request.address.bucket == nil ? .service : request.address.key == nil ? .bucket : .object
        let named = Set(request.query.map(\.name)).intersection(subresources)
        if let found = operations.first(where: { $0.fits(request, level, named) }) { return found }
        let method = request.http.method
        if named.count > 1 {
            let names = named.sorted()
            throw .invalidArgument(
                "Conflicting query string parameters: \(names.joined(separator: ", "))",
                name: "ResourceType", value: names[0])
        }
        if let name = named.first {
            if method == "HEAD" {
                throw .methodNotAllowed(method, level.rawValue, allow: allowed[name] ?? "GET, PUT")
            }
            throw .notImplementedHeader(name)
        }
        throw refusal(of: method, level, request)
    }

    private static func refusal(
        of method: String, _ level: Operation.Level, _ request: S3Request
    ) -> AWSError {
        switch (method, level) {
        case ("POST", .bucket):
            let type = request.http.headers["Content-Type"]?.lowercased() ?? ""
            if type.hasPrefix("multipart/form-data") { return .notImplementedHeader("Content-Type") }
            return .preconditionFailed("Bucket POST must be of the enclosure-type multipart/form-data")
        case (_, .service): return .methodNotAllowed(method, level.rawValue, allow: "GET")
        case (_, .bucket):
            return .methodNotAllowed(method, level.rawValue, allow: "HEAD, DELETE, POST, GET, PUT")
        case (_, .object):
            return .methodNotAllowed(method, level.rawValue, allow: "HEAD, DELETE, GET, PUT")
        }
    }
}

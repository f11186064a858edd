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
    typealias RunAtOnce = @Sendable (S3Request, ObjectsCore) throws -> HTTPResponse
    typealias BeforeBody = @Sendable (S3Request, ObjectsCore) throws -> Void
    typealias WithBeginning = @Sendable (S3Request, ObjectsCore, _ beginning: [UInt8]) throws -> Void

    /// AWS's name of the operation.
    var name: String
    var method: String
    var level: Level
    /// The sub-resources that must be in the query, and no other.
    var subresources: Set<String> = []
    /// A header without which this operation is not meant.
    var header: String?
    /// A query item without which this operation is not meant.
    var queryItem: (name: String, value: String)?
    /// The name of a query item without which this operation is not meant, whatever its value.
    var query: String?
    var run: Run
    /// As `run`, for an operation that waits for nothing and reads no body; nil for all others.
    var runAtOnce: RunAtOnce?
    /// Throws what can be known before the body has come; nil when it is short or there is none.
    var beforeBody: BeforeBody?
    /// Throws what can be known once ``UploadAdmission/beginningBytes`` of a longer body have come.
    var withBeginning: WithBeginning?

    init(
        _ name: String, _ method: String, _ level: Level, _ subresources: Set<String> = [],
        header: String? = nil,
        queryItem: (name: String, value: String)? = nil, query: String? = nil,
        beforeBody: BeforeBody? = nil, withBeginning: WithBeginning? = nil, run: @escaping Run
    ) {
        self.name = name
        self.method = method
        self.level = level
        self.subresources = subresources
        self.header = header
        self.queryItem = queryItem
        self.query = query
        self.run = run
        self.beforeBody = beforeBody
        self.withBeginning = withBeginning
    }

    /// One that waits for nothing, reads no body and needs nothing in the query.
    init(_ name: String, _ method: String, _ level: Level, atOnce: @escaping RunAtOnce) {
        self.init(name, method, level, run: { request, core async throws in try atOnce(request, core) })
        runAtOnce = atOnce
    }

    fileprivate func fits(_ request: S3Request) -> Bool {
        if let header, request.header(header) == nil { return false }
        if let queryItem, request.value(queryItem.name) != queryItem.value { return false }
        if let query, !request.has(query) { return false }
        return true
    }
}

/// Every operation that is served, by group; each group is listed in its folder.
enum OperationTable {
    private static let groups: [[Operation]] = [
        BucketOperations.all, ObjectOperations.all, MultipartOperations.all, ListingOperations.all,
        VersioningOperations.all, ConfigurationOperations.all, AccessOperations.all, TaggingOperations.all,
        LockOperations.all,
        NotificationOperations.all, LifecycleOperations.all,
    ]

    /// What requests look alike in: a handful of operations, of which the first that fits serves.
    private struct Shape: Hashable {
        var method: String
        var level: Operation.Level
        var subresources: Set<String>
    }

    static let all = groups.flatMap { $0 }

    private static let operations = Dictionary(grouping: all) {
        Shape(method: $0.method, level: $0.level, subresources: $0.subresources)
    }

    /// Finds the operation, or says as S3 does why there is none.
    static func operation(for request: S3Request) throws(AWSError) -> Operation {
        let level: Operation.Level =
            request.address.bucket == nil ? .service : request.address.key == nil ? .bucket : .object
        let named: Set<String> =
            request.query.isEmpty ? [] : OperationNames.subresources.intersection(request.query.map(\.name))
        let method = request.http.method
        let candidates = operations[Shape(method: method, level: level, subresources: named)]
        if let found = candidates?.first(where: { $0.fits(request) }) { return found }
        if named.count > 1 {
            let names = named.sorted()
            throw .invalidArgument(
                "Conflicting query string parameters: \(names.joined(separator: ", "))",
                name: "ResourceType", value: names[0])
        }
        if let name = named.first { throw OperationNames.refusal(of: method, level, name, request) }
        throw refusal(of: method, level, request)
    }

    private static func refusal(
        of method: String, _ level: Operation.Level, _ request: S3Request
    ) -> AWSError {
        switch (method, level) {
        case (_, .service): return .methodNotAllowed(method, level.rawValue, allow: "GET")
        case (_, .bucket):
            return .methodNotAllowed(method, level.rawValue, allow: "HEAD, DELETE, POST, GET, PUT")
        case (_, .object):
            return .methodNotAllowed(method, level.rawValue, allow: "HEAD, DELETE, GET, PUT")
        }
    }
}

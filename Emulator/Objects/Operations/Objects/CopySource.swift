import AWSProtocol
import Bytes
import HTTPTypes

/// The object that `x-amz-copy-source` names.
struct CopySource: Sendable {
    var bucket: String
    var key: [UInt8]
    var selector: VersionSelector
    var conditions: ReadConditions

    /// `/bucket/key[?versionId=id]`, encoded; the slash at the start may be missing.
    init(_ request: S3Request) throws(AWSError) {
        guard request.http.body.length == 0 else {
            throw .invalidRequest(
                "The request included a body. Requests of this type must not include a non-empty body.")
        }
        let header = request.header("x-amz-copy-source") ?? ""
        let parts = header.split(separator: "?", maxSplits: 1).map(String.init)
        guard var path = PercentEncoding.decodeBytes(parts.first ?? "", plusIsSpace: true),
            String(validating: path, as: UTF8.self) != nil
        else { throw Self.invalid("encoding") }
        if path.first == UInt8(ascii: "/") { path.removeFirst() }
        let slash = path.firstIndex(of: UInt8(ascii: "/")) ?? path.count
        bucket = String(utf8: Array(path[..<slash]))
        guard BucketName.mayExist(bucket) else { throw Self.invalid("bucket name") }
        key = Array(path[slash...].dropFirst())
        guard !key.isEmpty, !key.contains(0) else { throw Self.invalid("object key") }
        try ObjectKey.check(key)
        conditions = ReadConditions(request, prefix: "x-amz-copy-source-")
        let query = parts.count > 1 ? Query.parse(parts[1]) : []
        selector = try VersionSelector(query.first { $0.name == "versionId" }?.value)
    }

    /// Takes in the bytes of a source, or of a part of it.
    static func accept(
        _ body: HTTPBody, _ algorithm: ChecksumAlgorithm, _ core: ObjectsCore
    ) async throws -> AcceptedBody {
        let checksum = ChecksumClaim(algorithm: algorithm, value: nil, isInTrailer: false)
        return try await core.accept(body, BodyClaim(checksum: checksum))
    }

    private static func invalid(_ what: String) -> AWSError {
        .invalidArgument(
            "Invalid copy source \(what)", name: "x-amz-copy-source", value: "x-amz-copy-source")
    }

    /// Requests of which a copy's source is no part.
    static func refuseElsewhere(_ request: S3Request) throws(AWSError) {
        let method = request.http.method
        guard ["GET", "HEAD", "DELETE"].contains(method) || method == "POST" && request.has("uploadId") else {
            return
        }
        throw .invalidArgument(
            "You can only specify a copy source header for copy requests.", name: "x-amz-copy-source",
            value: request.header("x-amz-copy-source"))
    }

    /// The source's record and its open body, once its conditions hold.
    /// - Parameter request: brings the key of a source that was encrypted with one.
    func open(
        _ request: S3Request, _ core: ObjectsCore
    ) throws -> (record: ObjectRecord, bucket: BucketRecord, body: HTTPBody) {
        let versions = Versions(bucket: bucket, key: key)
        return try core.store.read { snapshot in
            let bucket = try core.bucket(bucket, in: snapshot)
            if case .version(let version) = selector,
                try versions.find(version, in: snapshot)?.isDeleteMarker == true
            {
                throw AWSError.invalidRequest(
                    "The source of a copy request may not specifically refer to a delete marker by version id."
                )
            }
            let record = try selector.find(versions, method: "GET", in: snapshot)
            try CustomerKey.admit(request, .copySource, to: record.attributes.encryption)
            try conditions.checkCopySource(etag: record.etag, lastModified: record.lastModified)
            if record.isArchived(at: core.clock.now) {
                throw AWSError.archived(
                    record, "Operation is not valid for the source object's storage class")
            }
            return (record, bucket, try core.open(record.body, size: record.size, in: snapshot))
        }
    }
}

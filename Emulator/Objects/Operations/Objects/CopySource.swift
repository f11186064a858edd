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
        let header = request.header("x-amz-copy-source") ?? ""
        let parts = header.split(separator: "?", maxSplits: 1).map(String.init)
        var path = PercentEncoding.decodeBytes(parts.first ?? "", plusIsSpace: true) ?? []
        if path.first == UInt8(ascii: "/") { path.removeFirst() }
        guard let slash = path.firstIndex(of: UInt8(ascii: "/")), slash > 0, slash + 1 < path.count,
            String(validating: path, as: UTF8.self) != nil, !path.contains(0)
        else {
            throw .invalidArgument(
                "Invalid copy source object key", name: "x-amz-copy-source", value: "x-amz-copy-source")
        }
        bucket = String(utf8: Array(path[..<slash]))
        key = Array(path[(slash + 1)...])
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

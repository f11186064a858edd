import AWSProtocol
import Bytes
import HTTPTypes

/// The object that `x-amz-copy-source` names.
struct CopySource: Sendable {
    var bucket: String
    var key: [UInt8]
    var conditions: ReadConditions

    /// `/bucket/key[?versionId=null]`, encoded; the slash at the start may be missing.
    init(_ request: S3Request) throws(AWSError) {
        let header = request.header("x-amz-copy-source") ?? ""
        let parts = header.split(separator: "?", maxSplits: 1).map(String.init)
        var path = PercentEncoding.decodeBytes(parts.first ?? "", plusIsSpace: true) ?? []
        if path.first == UInt8(ascii: "/") { path.removeFirst() }
        guard let slash = path.firstIndex(of: UInt8(ascii: "/")), slash > 0, slash + 1 < path.count,
            String(validating: path, as: UTF8.self) != nil
        else {
            throw .invalidArgument(
                "Invalid copy source object key", name: "x-amz-copy-source", value: "x-amz-copy-source")
        }
        bucket = String(utf8: Array(path[..<slash]))
        key = Array(path[(slash + 1)...])
        conditions = ReadConditions(request, prefix: "x-amz-copy-source-")
        if parts.count > 1,
            let version = Query.parse(parts[1]).first(where: { $0.name == "versionId" })?.value,
            version != "null"
        {
            guard version.utf8.count == 32 else {
                throw .invalidArgument("Invalid version id specified", name: "versionId", value: version)
            }
            throw .noSuchVersion(key, version)
        }
    }

    /// The source's record and its open body, once its conditions hold.
    func open(_ core: ObjectsCore) throws -> (record: ObjectRecord, body: HTTPBody) {
        try core.store.read { snapshot in
            guard let record = try core.object(bucket, key, in: snapshot) else {
                throw AWSError.noSuchKey(key)
            }
            try conditions.checkCopySource(etag: record.etag, lastModified: record.lastModified)
            return (record, try core.open(record.body, size: record.size, in: snapshot))
        }
    }
}

import AWSProtocol
import Store

/// The version that a request means.
enum VersionSelector: Sendable, Equatable {
    case current
    case version(VersionID)

    /// Reads `versionId` of a request.
    init(_ request: S3Request) throws(AWSError) { try self.init(request.value("versionId")) }

    /// - Throws: InvalidArgument for a text that no version is called by.
    init(_ text: String?) throws(AWSError) {
        guard let text else {
            self = .current
            return
        }
        guard let version = VersionID(text) else {
            throw .invalidArgument("Invalid version id specified", name: "versionId", value: text)
        }
        self = .version(version)
    }

    /// The object that is meant.
    /// - Throws: NoSuchKey, NoSuchVersion, or MethodNotAllowed for a delete marker named by its identifier.
    func find(_ versions: Versions, method: String, in reader: any Reading) throws -> ObjectRecord {
        switch self {
        case .current:
            guard let newest = try versions.newest(in: reader) else {
                throw AWSError.noSuchKey(versions.key)
            }
            guard !newest.isDeleteMarker else {
                var error = AWSError.noSuchKey(versions.key)
                error.headers["x-amz-delete-marker"] = "true"
                error.headers["x-amz-version-id"] = newest.version.text
                throw error
            }
            return newest
        case .version(let version):
            guard let record = try versions.find(version, in: reader) else {
                throw AWSError.noSuchVersion(versions.key, version.text)
            }
            guard !record.isDeleteMarker else {
                var error = AWSError.methodNotAllowed(method, "DeleteMarker", allow: "DELETE")
                error.headers["x-amz-delete-marker"] = "true"
                error.headers["x-amz-version-id"] = record.version.text
                error.headers["Last-Modified"] = record.lastModified.rfc1123
                throw error
            }
            return record
        }
    }
}

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
        guard !text.isEmpty else {
            throw .invalidArgument("Version id cannot be the empty string", name: "versionId", value: "")
        }
        guard let version = VersionID(text) else {
            throw .invalidArgument("Invalid version id specified", name: "versionId", value: text)
        }
        self = .version(version)
    }

    /// What a current delete marker means to a request that does not name it.
    enum CurrentMarker: Sendable {
        /// That there is no object.
        case absent
        /// Something that has no such property.
        case refused
    }

    /// The object that is meant.
    /// - Throws: NoSuchKey, NoSuchVersion, or MethodNotAllowed for a delete marker named by its identifier.
    func find(
        _ versions: Versions, method: String, markers: CurrentMarker = .absent, in reader: any Reading
    ) throws -> ObjectRecord {
        switch self {
        case .current:
            guard let newest = try versions.newest(in: reader) else {
                throw AWSError.noSuchKey(versions.key)
            }
            guard !newest.isDeleteMarker else {
                if markers == .refused { throw Self.refusal(of: newest, method) }
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
            if record.isDeleteMarker { throw Self.refusal(of: record, method) }
            return record
        }
    }

    private static func refusal(of marker: ObjectRecord, _ method: String) -> AWSError {
        var error = AWSError.methodNotAllowed(method, "DeleteMarker", allow: "DELETE")
        error.headers["x-amz-delete-marker"] = "true"
        error.headers["x-amz-version-id"] = marker.version.text
        error.headers["Last-Modified"] = marker.lastModified.rfc1123
        return error
    }
}

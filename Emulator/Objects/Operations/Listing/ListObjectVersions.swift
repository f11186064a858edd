import AWSProtocol
import Bytes
import HTTPTypes

/// GET /bucket?versions: all versions and delete markers, each key's newest first.
enum ListObjectVersions {
    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let parameters = try ListingParameters(request)
        let keyMarker = (request.value("key-marker") ?? "").bytes
        let versionMarker = request.value("version-id-marker")
        let scan = VersionScan(
            listing: parameters.scan(request.bucket, .beginning),
            start: try start(keyMarker, versionMarker))
        return try await core.listing(upTo: scan.listing.maxKeys) {
            try answer(request, core, parameters, keyMarker, scan)
        }
    }

    private static func answer(
        _ request: S3Request, _ core: ObjectsCore, _ parameters: ListingParameters, _ keyMarker: [UInt8],
        _ scan: VersionScan
    ) throws -> HTTPResponse {
        let page = try core.store.read { snapshot in
            _ = try core.bucket(request.bucket, in: snapshot)
            return try scan.page(in: snapshot)
        }
        let text = parameters.text
        return ObjectsCore.xml("ListVersionsResult") { xml in
            xml.text("Name", request.bucket)
            xml.text("Prefix", text.name(parameters.prefix))
            xml.text("KeyMarker", text.name(keyMarker))
            xml.text("VersionIdMarker", request.value("version-id-marker") ?? "")
            if page.isTruncated {
                switch page.entries.last {
                case .version(let key, let record, _):
                    xml.text("NextKeyMarker", text.name(key))
                    xml.text("NextVersionIdMarker", record.version.text)
                case .commonPrefix(let prefix): xml.text("NextKeyMarker", text.name(prefix))
                case nil: break
                }
            }
            xml.text("MaxKeys", min(parameters.maxKeys, ListingParameters.pageSize))
            if !parameters.delimiter.isEmpty { xml.text("Delimiter", text.name(parameters.delimiter)) }
            text.writeEncodingType(to: &xml)
            xml.text("IsTruncated", page.isTruncated)
            write(page, parameters, core.ownerID, to: &xml)
        }
    }

    private static func start(
        _ keyMarker: [UInt8], _ versionMarker: String?
    ) throws(AWSError) -> VersionStart {
        guard let versionMarker else { return keyMarker.isEmpty ? .beginning : .afterKey(keyMarker) }
        guard !versionMarker.isEmpty else {
            throw .invalidArgument(
                "A version-id marker cannot be empty.", name: "version-id-marker", value: "")
        }
        guard !keyMarker.isEmpty else {
            throw .invalidArgument(
                "A version-id marker cannot be specified without a key marker.", name: "version-id-marker",
                value: versionMarker)
        }
        guard let version = VersionID(versionMarker) else {
            throw .invalidArgument(
                "Invalid version id specified", name: "version-id-marker", value: versionMarker)
        }
        return .afterVersion(keyMarker, version)
    }

    private static func write(
        _ page: VersionPage, _ parameters: ListingParameters, _ ownerID: String, to xml: inout XMLWriter
    ) {
        for case .version(let key, let record, let isLatest) in page.entries {
            xml.element(record.isDeleteMarker ? "DeleteMarker" : "Version") { xml in
                parameters.text.write("Key", key, to: &xml)
                xml.text("VersionId", record.version.text)
                xml.text("IsLatest", isLatest)
                xml.text("LastModified", ListingText.time(record.lastModified))
                if record.isDeleteMarker {
                    xml.element("Owner") { $0.text("ID", ownerID) }
                } else {
                    parameters.write(descriptionOf: record, ownerID: ownerID, to: &xml)
                }
            }
        }
        for case .commonPrefix(let prefix) in page.entries {
            xml.element("CommonPrefixes") { $0.text("Prefix", parameters.text.name(prefix)) }
        }
    }
}

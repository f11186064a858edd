import AWSProtocol
import Bytes
import HTTPTypes

/// POST /bucket?delete: up to 1000 keys, each with its own result.
enum DeleteObjects {
    private static let maxKeys = 1000

    private struct Entry: Sendable {
        var key: [UInt8]
        var version: String?
        var etag: String?
    }

    private struct Outcome: Sendable {
        var entry: Entry
        var error: AWSError?
    }

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let document = try DigestRequired.document(of: request)
        guard let root = try? XMLReader.parse(document), root.name == "Delete" else {
            throw AWSError.malformedXML
        }
        let entries = try root.all("Object").map(entry)
        guard !entries.isEmpty, entries.count <= maxKeys else { throw AWSError.malformedXML }
        let bucket = request.bucket
        let outcomes = try await core.store.commit { transaction in
            _ = try core.bucket(bucket, in: transaction)
            return try entries.map { entry in
                let current = try core.object(bucket, entry.key, in: transaction)
                do throws(AWSError) {
                    try check(entry)
                    try DeleteObject.remove(
                        entry.key, of: bucket, current, ifMatch: entry.etag, transaction)
                    return Outcome(entry: entry)
                } catch {
                    return Outcome(entry: entry, error: error)
                }
            }
        }
        return encode(outcomes, isQuiet: root["Quiet"] == "true")
    }

    private static func entry(_ xml: XMLElement) throws(AWSError) -> Entry {
        guard let key = xml["Key"], !key.isEmpty else { throw .malformedXML }
        return Entry(key: key.bytes, version: xml["VersionId"], etag: xml["ETag"])
    }

    private static func check(_ entry: Entry) throws(AWSError) {
        if entry.key.count > ObjectKey.maxBytes { throw .keyTooLong(entry.key.count) }
        if let version = entry.version, !version.isEmpty, version != "null" {
            throw .noSuchVersion(entry.key, version)
        }
    }

    private static func encode(_ outcomes: [Outcome], isQuiet: Bool) -> HTTPResponse {
        ObjectsCore.xml("DeleteResult") { xml in
            for outcome in outcomes {
                if let error = outcome.error {
                    xml.element("Error") { xml in
                        xml.text("Key", String(utf8: outcome.entry.key))
                        if let version = outcome.entry.version { xml.text("VersionId", version) }
                        xml.text("Code", error.code)
                        xml.text("Message", error.message ?? "")
                    }
                } else if !isQuiet {
                    xml.element("Deleted") { xml in
                        xml.text("Key", String(utf8: outcome.entry.key))
                        if let version = outcome.entry.version { xml.text("VersionId", version) }
                    }
                }
            }
        }
    }
}

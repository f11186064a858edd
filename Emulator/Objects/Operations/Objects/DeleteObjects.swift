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
        var deletion: Deletion?
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
        let (now, origin) = (request.context.now, ObjectEvent.Origin(request))
        let refusals = try refusals(of: entries, request, core)
        let outcomes = try await core.store.commit { transaction in
            let record = try core.bucket(bucket, in: transaction)
            return try entries.enumerated().map { index, entry in
                let versions = Versions(bucket: bucket, key: entry.key)
                do {
                    let order = try order(entry, request)
                    if let refusal = refusals[index] { throw refusal }
                    let deletion = try Deletion.run(order, versions, record, now: now, in: transaction)
                    deletion.note(versions, record, at: now, by: origin, in: transaction)
                    return Outcome(entry: entry, deletion: deletion)
                } catch let error as AWSError {
                    return Outcome(entry: entry, error: error)
                }
            }
        }
        return encode(outcomes, isQuiet: root["Quiet"] == "true")
    }

    private static func order(_ entry: Entry, _ request: S3Request) throws(AWSError) -> Deletion.Order {
        try ObjectKey.check(entry.key)
        let version = entry.version.flatMap { $0.isEmpty ? nil : $0 }
        // Unlike a request for one object, a list may name versions that never were.
        if let version, VersionID(version) == nil { throw .noSuchVersion(entry.key, version) }
        return try DeleteObject.order(request, version: version, ifMatch: entry.etag)
    }

    /// What the bucket's policy or the lack of one has against each deletion.
    private static func refusals(
        of entries: [Entry], _ request: S3Request, _ core: ObjectsCore
    ) throws -> [AWSError?] {
        guard let access = try Access(request.bucket, request, core), !access.isUnlimited else {
            return entries.map { _ in nil }
        }
        return entries.map { entry in
            let version = entry.version.flatMap { VersionID($0) }
            do throws(AWSError) {
                for deed in RequiredDeeds.deletion(entry.key, version, request) { try access.require(deed) }
                return nil
            } catch {
                return error
            }
        }
    }

    private static func entry(_ xml: XMLElement) throws(AWSError) -> Entry {
        guard let key = xml["Key"], !key.isEmpty else { throw .malformedXML }
        // Conditions of directory buckets: to delete in spite of them would lose what they protect.
        guard xml["Size"] == nil, xml["LastModifiedTime"] == nil else { throw .malformedXML }
        return Entry(key: key.bytes, version: xml["VersionId"], etag: xml["ETag"])
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
                        if let deletion = outcome.deletion, deletion.isMarker {
                            xml.text("DeleteMarker", true)
                            xml.text("DeleteMarkerVersionId", deletion.version?.text ?? "null")
                        }
                    }
                }
            }
        }
    }
}

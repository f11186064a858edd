import AWSProtocol
import HTTPTypes
import Store

/// GET /bucket/key?attributes: what `x-amz-object-attributes` names, as a document.
enum GetObjectAttributes {
    private static let names = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]

    static func run(_ request: S3Request, _ core: ObjectsCore) async throws -> HTTPResponse {
        let selector = try VersionSelector(request)
        let wanted = try wanted(by: request)
        let versions = Versions(bucket: request.bucket, key: request.key)
        let page = PartPage(request)
        let (record, bucket, parts) = try core.store.read { snapshot in
            let bucket = try core.bucket(request.bucket, in: snapshot)
            let record = try selector.find(versions, method: "GET", in: snapshot)
            try CustomerKey.admit(request, to: record.attributes.encryption)
            return (record, bucket, try page.parts(of: record, in: snapshot))
        }
        var response = ObjectsCore.xml("GetObjectAttributesResponse") { xml in
            if wanted.contains("ETag") { xml.text("ETag", record.etag) }
            if wanted.contains("Checksum") { write(record.checksum, to: &xml) }
            if wanted.contains("ObjectParts"), let count = record.partCount {
                xml.element("ObjectParts") { xml in
                    if record.hasChosenPartChecksums { page.write(parts, to: &xml) }
                    xml.text("PartsCount", count)
                }
            }
            if wanted.contains("StorageClass") { xml.text("StorageClass", record.attributes.storageClass) }
            if wanted.contains("ObjectSize") { xml.text("ObjectSize", record.size) }
        }
        response.headers.add("Last-Modified", record.lastModified.rfc1123)
        response.headers.add(versionMeant: record, in: bucket)
        return response
    }

    private static func wanted(by request: S3Request) throws(AWSError) -> Set<String> {
        let header = "x-amz-object-attributes"
        let sent = request.http.headers.values(header)
        let list = (sent.isEmpty ? [request.header(header) ?? ""] : sent).joined(separator: ",")
        let wanted = list.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
        guard !wanted.isEmpty else {
            throw .invalidRequest(
                "The x-amz-object-attributes header specifying the attributes to be retrieved is either "
                    + "missing or empty")
        }
        if let unknown = wanted.first(where: { !names.contains($0) }) {
            throw .invalidArgument("Invalid attribute name specified.", name: header, value: unknown)
        }
        return Set(wanted)
    }

    /// Here alone a composite checksum comes without the number of parts.
    private static func write(_ checksum: StoredChecksum, to xml: inout XMLWriter) {
        xml.element("Checksum") { xml in
            let value = checksum.value.split(separator: "-").first.map(String.init) ?? checksum.value
            xml.text(checksum.algorithm.elementName, value)
            xml.text("ChecksumType", checksum.kind.rawValue)
        }
    }
}

/// Some of an object's parts. S3 lists them only when the client had chosen a checksum for them; otherwise it
/// counts them.
private struct PartPage: Sendable {
    private static let size = 1000
    private let limit: Int
    /// Only parts of higher numbers are shown.
    private let marker: Int

    /// S3 reads over numbers that are none.
    init(_ request: S3Request) {
        func number(_ name: String, _ range: ClosedRange<Int>) -> Int? {
            request.header(name).flatMap { Int($0) }.flatMap { range.contains($0) ? $0 : nil }
        }
        limit = number("x-amz-max-parts", 0...10_000) ?? Self.size
        marker = number("x-amz-part-number-marker", 0...Int(Int32.max)) ?? 0
    }

    /// Those of the page, and the one behind it.
    func parts(of record: ObjectRecord, in reader: any Reading) throws -> [ObjectPart] {
        guard record.hasChosenPartChecksums, case .parts(let list) = record.body else { return [] }
        var parts: [ObjectPart] = []
        try list.scan(in: reader) { part in
            if part.number > marker { parts.append(part) }
            return parts.count <= min(limit, Self.size)
        }
        return parts
    }

    func write(_ parts: [ObjectPart], to xml: inout XMLWriter) {
        let shown = parts.prefix(min(limit, Self.size))
        xml.text("PartNumberMarker", marker)
        xml.text("NextPartNumberMarker", shown.last?.number ?? 0)
        xml.text("MaxParts", limit)
        xml.text("IsTruncated", shown.count < parts.count)
        for part in shown {
            xml.element("Part") { xml in
                xml.text("PartNumber", part.number)
                xml.text("Size", part.size)
                xml.text(part.checksum.algorithm.elementName, part.checksum.value)
            }
        }
    }
}

import AWSProtocol
import Bytes
import Digests

/// A part that was uploaded, with its number.
typealias UploadedPart = (number: Int, record: PartRecord)

/// The parts that a client lists when it completes an upload.
struct CompletionList: Sendable {
    /// Every part but the last has at least this many bytes (Amazon S3 User Guide, "Multipart upload
    /// limits").
    private static let smallestPart: Int64 = 5 << 20

    private struct Entry: Sendable {
        var number: Int
        var etag: String
        var checksums: [ChecksumAlgorithm: String]
    }

    private var entries: [Entry]

    /// Tells lists apart.
    var digest: String {
        SHA256.hex(entries.map { "\($0.number):\($0.etag)" }.joined(separator: ","))
    }

    static func read(_ document: [UInt8]) throws(AWSError) -> CompletionList {
        let root: XMLElement
        do {
            root = try XMLReader.parse(document)
        } catch {
            throw .malformedXML
        }
        guard root.name == "CompleteMultipartUpload" else { throw .malformedXML }
        var entries: [Entry] = []
        for part in root.all("Part") {
            guard let number = part["PartNumber"].flatMap({ Int($0) }), let etag = part["ETag"] else {
                throw .malformedXML
            }
            guard Multipart.partNumbers.contains(number) else { throw .invalidPartNumber }
            var checksums: [ChecksumAlgorithm: String] = [:]
            for algorithm in ChecksumAlgorithm.allCases { checksums[algorithm] = part[algorithm.elementName] }
            entries.append(Entry(number: number, etag: ETag.unquoted(etag), checksums: checksums))
        }
        guard !entries.isEmpty else { throw .invalidRequest("You must specify at least one part") }
        return CompletionList(entries: entries)
    }

    /// The stored parts in the order listed, once the list agrees with them.
    func chosen(from stored: [UploadedPart], _ upload: UploadRecord) throws(AWSError) -> [UploadedPart] {
        for (entry, next) in zip(entries, entries.dropFirst()) where entry.number >= next.number {
            throw AWSError(
                code: "InvalidPartOrder",
                message:
                    "The list of parts was not in ascending order. Parts must be ordered by part number.",
                elements: [("UploadId", upload.id)])
        }
        var byNumber: [Int: PartRecord] = [:]
        for part in stored { byNumber[part.number] = part.record }
        var chosen: [UploadedPart] = []
        for entry in entries {
            guard let record = byNumber[entry.number], Hex.encode(record.md5) == entry.etag else {
                throw .invalidPart(entry.number, entry.etag, upload.id)
            }
            try check(entry, record, upload)
            chosen.append((number: entry.number, record: record))
        }
        for part in chosen.dropLast() where part.record.size < Self.smallestPart {
            throw AWSError(
                code: "EntityTooSmall",
                message: "Your proposed upload is smaller than the minimum allowed size",
                elements: [
                    ("ProposedSize", String(part.record.size)),
                    ("MinSizeAllowed", String(Self.smallestPart)), ("PartNumber", String(part.number)),
                    ("ETag", Hex.encode(part.record.md5)),
                ])
        }
        return chosen
    }

    private func check(
        _ entry: Entry, _ record: PartRecord, _ upload: UploadRecord
    ) throws(AWSError) {
        guard let algorithm = upload.checksumAlgorithm else { return }
        guard let listed = entry.checksums[algorithm] else {
            if upload.checksumKind == .fullObject { return }
            throw .invalidRequest(
                "The upload was created using a \(algorithm.rawValue.lowercased()) checksum. The complete "
                    + "request must include the checksum for each part. It was missing for part "
                    + "\(entry.number) in the request.")
        }
        guard listed == record.checksum.value else {
            throw .invalidPart(entry.number, entry.etag, upload.id)
        }
    }
}

extension AWSError {
    static func invalidPart(_ number: Int, _ etag: String, _ uploadID: String) -> AWSError {
        AWSError(
            code: "InvalidPart",
            message: "One or more of the specified parts could not be found.  The part may not have been "
                + "uploaded, or the specified entity tag may not match the part's entity tag.",
            elements: [
                ("UploadId", uploadID), ("PartNumber", String(number)), ("ETag", etag),
            ])
    }
}

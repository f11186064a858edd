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
        var checksum: StoredChecksum?
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
            guard number >= 1 else {
                throw .invalidArgument("PartNumber must be >= 1", name: "PartNumber", value: nil)
            }
            guard Multipart.partNumbers.contains(number) else { throw .invalidPartNumber(String(number)) }
            entries.append(
                Entry(number: number, etag: ETag.unquoted(etag), checksum: try checksum(of: part)))
        }
        guard !entries.isEmpty else { throw .invalidRequest("You must specify at least one part") }
        return CompletionList(entries: entries)
    }

    private static func checksum(of part: XMLElement) throws(AWSError) -> StoredChecksum? {
        let checksums = ChecksumAlgorithm.allCases.compactMap { algorithm in
            part[algorithm.elementName].map { StoredChecksum(algorithm: algorithm, value: $0) }
        }
        guard checksums.count <= 1, checksums.allSatisfy({ Base64.decode($0.value) != nil }) else {
            throw .invalidArgument(
                "Invalid Base64 or multiple checksums present in request", name: "Checksum",
                value: checksums.map { "\($0.algorithm.rawValue):\($0.value);" }.joined())
        }
        return checksums.first
    }

    /// The stored parts in the order listed, once the list agrees with them.
    /// - Parameter claims: a wrong checksum of a part makes that of the whole wrong, if it is claimed.
    func chosen(
        from stored: [UploadedPart], _ upload: UploadRecord, _ claims: CompletionClaims
    ) throws(AWSError) -> [UploadedPart] {
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
            try check(entry, record, upload, claims)
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
        _ entry: Entry, _ record: PartRecord, _ upload: UploadRecord, _ claims: CompletionClaims
    ) throws(AWSError) {
        let algorithm = upload.checksumAlgorithm
        guard let listed = entry.checksum else {
            guard let algorithm, upload.checksumKind == .composite else { return }
            throw .invalidRequest(
                "The upload was created using a \(algorithm.rawValue.lowercased()) checksum. The complete "
                    + "request must include the checksum for each part. It was missing for part "
                    + "\(entry.number) in the request.")
        }
        if let algorithm, listed.algorithm != algorithm {
            throw AWSError(
                code: "BadDigest",
                message:
                    "The \(listed.algorithm.rawValue.lowercased()) you specified for part \(entry.number) "
                    + "did not match what we received.")
        }
        guard listed == record.checksum else {
            if let algorithm, claims.claims(algorithm) { throw CompletionClaims.mismatch(algorithm) }
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

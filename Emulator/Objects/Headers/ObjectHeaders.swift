import AWSProtocol
import Bytes
import HTTPTypes

/// Writes what an answer says about an object.
enum ObjectHeaders {
    private static let overrides = [
        "response-content-type": "Content-Type", "response-content-language": "Content-Language",
        "response-expires": "Expires", "response-cache-control": "Cache-Control",
        "response-content-disposition": "Content-Disposition",
        "response-content-encoding": "Content-Encoding",
    ]

    /// Whether a query item sets a header of the answer.
    static func isOverride(_ name: String) -> Bool { overrides[name] != nil }

    /// The headers of GetObject and HeadObject, without those about length and range.
    static func describing(
        _ record: ObjectRecord, for request: S3Request, checksum: StoredChecksum?
    ) throws(AWSError) -> HTTPHeaders {
        var headers = HTTPHeaders()
        // For what is added here and behind: growing means copying.
        headers.reserveCapacity(12)
        headers.add("Last-Modified", record.lastModified.rfc1123)
        headers.add("ETag", ETag.quoted(record.etag))
        headers.add("Accept-Ranges", "bytes")
        headers.add(encryptionOf: record.attributes)
        for header in record.attributes.systemHeaders { headers.add(header.name, header.value) }
        for header in record.attributes.metadata {
            headers.add("x-amz-meta-\(header.name)", EncodedWord.encode(header.value))
        }
        if record.attributes.storageClass != "STANDARD" {
            headers.add("x-amz-storage-class", record.attributes.storageClass)
        }
        if !record.attributes.tags.isEmpty {
            headers.add("x-amz-tagging-count", String(record.attributes.tags.count))
        }
        LockHeaders.add(record.attributes.lock, to: &headers)
        if let mode = request.header("x-amz-checksum-mode") {
            guard mode.uppercased() == "ENABLED" else { throw .malformedChecksum("x-amz-checksum-mode") }
            if let checksum { add(checksum, to: &headers) }
        }
        for item in request.query {
            guard let name = overrides[item.name] else {
                guard item.name.hasPrefix("response-") else { continue }
                throw .invalidArgument(
                    "\(item.name) is not in the set of overridable response headers. Please refer to the S3 API "
                        + "documentation for a complete list of overridable response headers.",
                    name: item.name, value: item.value)
            }
            guard item.value.unicodeScalars.allSatisfy({ $0.value <= 0xFF }) else {
                throw .invalidArgument(
                    "Header value cannot be represented using ISO-8859-1.", name: item.name,
                    value: item.value)
            }
            guard !item.value.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) else {
                // A line end would let a URL write headers of its own.
                throw .invalidArgument("Invalid header value.", name: item.name, value: nil)
            }
            headers[name] = item.value
        }
        return headers
    }

    static func add(_ checksum: StoredChecksum, to headers: inout HTTPHeaders) {
        headers.add(checksum.algorithm.headerName, checksum.value)
        headers.add("x-amz-checksum-type", checksum.kind.rawValue)
    }
}

extension HTTPHeaders {
    /// Tells how an object is encrypted; without a wish of the client's, with keys of S3's own.
    mutating func add(encryptionOf attributes: ObjectAttributes) {
        switch attributes.encryption {
        case .managed: add("x-amz-server-side-encryption", "AES256")
        case .keyService(let algorithm, let keyID, let usesBucketKey):
            add("x-amz-server-side-encryption", algorithm)
            add("x-amz-server-side-encryption-aws-kms-key-id", keyID)
            if usesBucketKey { add("x-amz-server-side-encryption-bucket-key-enabled", "true") }
        case .customer(let keyMD5):
            add("x-amz-server-side-encryption-customer-algorithm", "AES256")
            add("x-amz-server-side-encryption-customer-key-MD5", keyMD5)
        }
    }
}

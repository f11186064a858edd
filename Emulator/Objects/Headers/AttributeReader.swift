import AWSProtocol
import HTTPTypes

/// Reads from a write's headers what is stored beside the bytes.
enum AttributeReader {
    static let defaultContentType = "binary/octet-stream"
    /// Names without prefix plus values, bytes (Amazon S3 User Guide, "Working with object metadata").
    private static let maxMetadataBytes = 2048

    private static let systemHeaders = [
        "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type",
        "Expires", "x-amz-website-redirect-location",
    ]
    private static let storageClasses: Set<String> = [
        "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER",
        "DEEP_ARCHIVE", "GLACIER_IR",
    ]
    /// What would change an object's meaning and is not served; ignoring it would be a lie.
    private static let refusedHeaders = [
        "x-amz-write-offset-bytes"
    ]

    static func read(from request: S3Request) throws(AWSError) -> ObjectAttributes {
        try refuseUnserved(request)
        // Judged before the body is read; which encryption follows from it, the bucket decides.
        _ = try EncryptionWish(request)
        var attributes = ObjectAttributes()
        attributes.systemHeaders = try systemHeaders(of: request)
        attributes.metadata = try metadata(of: request)
        attributes.storageClass = try storageClass(of: request)
        if let tags = request.header("x-amz-tagging") { attributes.tags = try TagSet.read(header: tags) }
        attributes.lock = try LockHeaders.read(request)
        attributes.accessControlList = try RequestedACL.stored(of: request)
        return attributes
    }

    static func storageClass(of request: S3Request) throws(AWSError) -> String {
        let name = request.header("x-amz-storage-class") ?? "STANDARD"
        guard storageClasses.contains(name) else {
            throw AWSError(
                code: "InvalidStorageClass", message: "The storage class you specified is not valid",
                elements: [("StorageClassRequested", name)])
        }
        return name
    }

    static func refuseUnserved(_ request: S3Request) throws(AWSError) {
        if let name = refusedHeaders.first(where: { request.header($0) != nil }) {
            throw .notImplementedHeader(name)
        }
    }

    private static func systemHeaders(of request: S3Request) throws(AWSError) -> [StoredHeader] {
        var stored: [StoredHeader] = []
        for name in systemHeaders {
            guard var value = request.header(name) else { continue }
            if name == "Content-Encoding" {
                guard let rest = withoutChunking(value) else { continue }
                value = rest
            }
            if name == "x-amz-website-redirect-location",
                !["/", "http://", "https://"].contains(where: value.hasPrefix)
            {
                throw AWSError(
                    code: "InvalidRedirectLocation",
                    message: "The website redirect location must have a prefix of 'http://' or 'https://' "
                        + "or '/'.")
            }
            stored.append(StoredHeader(name: name, value: value))
        }
        if !stored.contains(where: { $0.name == "Content-Type" && !$0.value.isEmpty }) {
            stored.removeAll { $0.name == "Content-Type" }
            stored.append(StoredHeader(name: "Content-Type", value: defaultContentType))
        }
        return stored
    }

    /// `aws-chunked` belongs to the transfer, not to the object.
    private static func withoutChunking(_ value: String) -> String? {
        let codings = value.split(separator: ",").map { $0.filter { $0 != " " } }
        let rest = codings.filter { $0.lowercased() != "aws-chunked" }
        if rest.count == codings.count { return value }
        return rest.isEmpty ? nil : rest.joined(separator: ",")
    }

    private static func metadata(of request: S3Request) throws(AWSError) -> [StoredHeader] {
        let prefix = "x-amz-meta-"
        var stored: [StoredHeader] = []
        var bytes = 0
        for name in request.amzHeaderNames where name.hasPrefix(prefix) {
            let values = request.http.headers.values(name)
            // Several fields of one name are one value, as everywhere in HTTP.
            let sent = values.isEmpty ? request.header(name) ?? "" : values.joined(separator: ",")
            let value = EncodedWord.decode(sent)
            let short = String(name.dropFirst(prefix.utf8.count))
            bytes += short.utf8.count + value.utf8.count
            stored.append(StoredHeader(name: short, value: value))
        }
        guard bytes <= maxMetadataBytes else {
            throw AWSError(
                code: "MetadataTooLarge",
                message: "Your metadata headers exceed the maximum allowed metadata size",
                elements: [("Size", String(bytes)), ("MaxSizeAllowed", String(maxMetadataBytes))])
        }
        return stored
    }
}

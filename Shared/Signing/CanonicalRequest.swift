import Bytes
import HTTPTypes

/// Step 1 of Signature Version 4: a request in the one form that signer and verifier agree on.
///
/// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
/// (create a canonical request).
public enum CanonicalRequest {
    /// - Parameters:
    ///   - path: as on the wire, still encoded; empty means `/`.
    ///   - query: as on the wire, without `?`; a presigned URL's `X-Amz-Signature` is not part of it.
    ///   - headers: fields with at least those that are signed; names in any case.
    ///   - signedHeaders: lower-case names in the order in which they are listed.
    ///   - payloadHash: the hexadecimal SHA-256 of the body or a fixed text in its place.
    public static func text(
        method: String, path: String, query: String, headers: [(name: String, value: String)],
        signedHeaders: [String], payloadHash: String, style: SigningStyle
    ) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(512)
        for line in [method, canonicalPath(path, style: style), canonicalQuery(query)] {
            text.append(contentsOf: line.utf8)
            text.append(0x0A)
        }
        appendCanonicalHeaders(headers, signed: signedHeaders, to: &text)
        text.append(0x0A)
        for (index, name) in signedHeaders.enumerated() {
            if index > 0 { text.append(0x3B) }
            text.append(contentsOf: name.utf8)
        }
        text.append(0x0A)
        text.append(contentsOf: payloadHash.utf8)
        return String(utf8: text)
    }

    // MARK: Path

    static func canonicalPath(_ path: String, style: SigningStyle) -> String {
        if path.isEmpty || path == "/" { return "/" }
        switch style {
        case .s3:
            // What a client left bare and what it escaped needlessly both become AWS's form.
            guard let bytes = PercentEncoding.decodeBytes(path, plusIsSpace: false) else {
                return PercentEncoding.encode(path, keeping: .unreservedAndSlash)
            }
            return PercentEncoding.encode(bytes: bytes, keeping: .unreservedAndSlash)
        case .standard:
            return PercentEncoding.encode(normalized(path), keeping: .unreservedAndSlash)
        }
    }

    /// Resolves `.`, `..` and empty segments (RFC 3986, section 6.2.2.3). A slash at the end stays.
    private static func normalized(_ path: String) -> String {
        var segments: [Substring] = []
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        for part in parts {
            switch part {
            case "", ".": continue
            case "..": _ = segments.popLast()
            default: segments.append(part)
            }
        }
        let isFolder = parts.last == "" || parts.last == "." || parts.last == ".."
        let joined = "/" + segments.joined(separator: "/")
        return isFolder && !segments.isEmpty ? joined + "/" : joined
    }

    // MARK: Query

    /// Each name and value encoded afresh, sorted by encoded name, then by encoded value.
    static func canonicalQuery(_ query: String) -> String {
        if query.isEmpty { return "" }
        var items = query.utf8.split(separator: 0x26).map { part in
            let equals = part.firstIndex(of: 0x3D) ?? part.endIndex
            let value = equals == part.endIndex ? part[equals...] : part[part.index(after: equals)...]
            return (name: reencoded(part[..<equals]), value: reencoded(value))
        }
        items.sort { a, b in
            a.name == b.name
                ? a.value.utf8.lexicographicallyPrecedes(b.value.utf8)
                : a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
        }
        return items.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    private static func reencoded(_ part: Substring.UTF8View) -> String {
        let text = String(Substring(part))
        guard let bytes = PercentEncoding.decodeBytes(text, plusIsSpace: false) else {
            return PercentEncoding.encode(text)
        }
        return PercentEncoding.encode(bytes: bytes)
    }

    // MARK: Headers

    private static func appendCanonicalHeaders(
        _ headers: [(name: String, value: String)], signed: [String], to text: inout [UInt8]
    ) {
        for name in signed {
            text.append(contentsOf: name.utf8)
            text.append(0x3A)
            var first = true
            for header in headers where HTTPHeaders.sameName(header.name, name) {
                if !first { text.append(0x2C) }
                first = false
                appendSingleSpaced(header.value, to: &text)
            }
            text.append(0x0A)
        }
    }

    /// Without white space at the ends and with one space for each run of it inside.
    private static func appendSingleSpaced(_ value: String, to text: inout [UInt8]) {
        let start = text.count
        var pendingSpace = false
        for byte in value.utf8 {
            if isSpace(byte) {
                pendingSpace = text.count > start
            } else {
                if pendingSpace { text.append(0x20) }
                pendingSpace = false
                text.append(byte)
            }
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

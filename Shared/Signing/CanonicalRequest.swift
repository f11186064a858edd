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
        method: String, path: String, query: String, headers: HTTPHeaders, signedHeaders: [String],
        payloadHash: String, style: SigningStyle
    ) -> String {
        String(
            utf8: bytes(
                method: method, path: path, query: query, headers: headers, signedHeaders: signedHeaders,
                payloadHash: payloadHash, style: style
            ).array)
    }

    /// As `text`, in UTF-8: what is hashed.
    public static func bytes(
        method: String, path: String, query: String, headers: HTTPHeaders, signedHeaders: [String],
        payloadHash: String, style: SigningStyle
    ) -> ByteBuffer {
        var text = ByteBuffer(capacity: 640)
        append(method, 0x0A, to: &text)
        append(canonicalPath(path, style: style), 0x0A, to: &text)
        append(canonicalQuery(query), 0x0A, to: &text)
        for name in signedHeaders { appendCanonicalHeader(name, of: headers, to: &text) }
        text.append(0x0A)
        for name in signedHeaders { append(name, 0x3B, to: &text) }
        // A line end stands in place of the last semicolon.
        if !signedHeaders.isEmpty { text.removeLast() }
        text.append(0x0A)
        text.append(payloadHash)
        return text
    }

    @inline(__always)
    private static func append(_ part: String, _ end: UInt8, to text: inout ByteBuffer) {
        text.append(part)
        text.append(end)
    }

    // MARK: Path

    static func canonicalPath(_ path: String, style: SigningStyle) -> String {
        if path.isEmpty || path == "/" { return "/" }
        if style == .s3, PercentEncoding.isEncoded(path, keeping: .unreservedAndSlash) { return path }
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

    /// Each name and value encoded afresh, sorted by encoded name, then by encoded value. A bare `+` is what
    /// services read it as, a space: signed as anything else, one signature would stand for two meanings.
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
        guard let bytes = PercentEncoding.decodeBytes(text, plusIsSpace: true) else {
            return PercentEncoding.encode(text)
        }
        return PercentEncoding.encode(bytes: bytes)
    }

    // MARK: Headers

    private static func appendCanonicalHeader(
        _ name: String, of headers: HTTPHeaders, to text: inout ByteBuffer
    ) {
        append(name, 0x3A, to: &text)
        var first = true
        headers.forEachField { field in
            guard field.isNamed(name) else { return }
            if !first { text.append(0x2C) }
            first = false
            appendSingleSpaced(field.value, to: &text)
        }
        text.append(0x0A)
    }

    /// Without white space at the ends and with one space for each run of it inside.
    private static func appendSingleSpaced(_ bytes: UnsafeRawBufferPointer, to text: inout ByteBuffer) {
        if hasNoSpace(bytes) { return text.append(bytes) }
        var isFirst = true
        var start = 0
        while start < bytes.count {
            if isSpace(bytes[start]) {
                start += 1
                continue
            }
            var end = start + 1
            while end < bytes.count, !isSpace(bytes[end]) { end += 1 }
            if !isFirst { text.append(0x20) }
            isFirst = false
            text.append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            start = end
        }
    }

    /// Whether all bytes are beyond space and controls, as in nearly all values; false says nothing.
    private static func hasNoSpace(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        // Eight at once: a byte up to 0x20 shows as a borrow into a top bit.
        let ones: UInt64 = 0x0101_0101_0101_0101
        while index + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if (word &- ones &* 0x21) & ~word & (ones << 7) != 0 { return false }
            index += 8
        }
        while index < bytes.count {
            if bytes[index] <= 0x20 { return false }
            index += 1
        }
        return true
    }

    @inline(__always)
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

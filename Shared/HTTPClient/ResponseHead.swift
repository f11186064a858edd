import HTTPTypes

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Status line and fields of a response (RFC 9112, sections 4 and 5).
enum ResponseHead {
    private static let maxFields = 200

    /// `head` is everything before the empty line, without the last line break.
    static func parse(
        _ head: ArraySlice<UInt8>
    ) throws(HTTPClientError) -> (response: HTTPResponse, isVersion10: Bool) {
        try head.withUnsafeBufferPointer { (bytes) throws(HTTPClientError) in try parse(bytes) }
    }

    private static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>
    ) throws(HTTPClientError) -> (response: HTTPResponse, isVersion10: Bool) {
        var start = 0
        let (status, isVersion10) = try parseStatusLine(line(bytes, &start))
        var headers = HTTPHeaders()
        headers.reserveCapacity(12)
        while start <= bytes.count {
            guard headers.count < maxFields else { throw .protocolViolation("more than \(maxFields) fields") }
            try addField(line(bytes, &start), to: &headers)
        }
        return (HTTPResponse(status: status, headers: headers), isVersion10)
    }

    /// The line at `start`, without its end; `start` moves behind it, and beyond the count with the last one.
    private static func line(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: inout Int
    ) -> UnsafeBufferPointer<UInt8> {
        let end = newline(bytes, from: start)
        defer { start = end + 1 }
        if end > start, bytes[end - 1] == 0x0D {
            return UnsafeBufferPointer(rebasing: bytes[start..<end - 1])
        }
        return UnsafeBufferPointer(rebasing: bytes[start..<end])
    }

    /// Where the next line feed is, or the end.
    private static func newline(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        guard start < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + start, 0x0A, bytes.count - start)
        else { return bytes.count }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    private static func addField(
        _ line: UnsafeBufferPointer<UInt8>, to headers: inout HTTPHeaders
    ) throws(HTTPClientError) {
        var colon = 0
        while colon < line.count, FieldSyntax.isToken(line[colon]) { colon += 1 }
        guard colon > 0, colon < line.count, line[colon] == UInt8(ascii: ":") else {
            throw .protocolViolation("malformed response field")
        }
        var value = colon + 1
        var end = line.count
        while value < end, line[value] == 0x20 || line[value] == 0x09 { value += 1 }
        while end > value, line[end - 1] == 0x20 || line[end - 1] == 0x09 { end -= 1 }
        var union: UInt8 = 0
        var hasZero = false
        for index in value..<end {
            union |= line[index]
            hasZero = hasZero || line[index] == 0
        }
        guard !hasZero else { throw .protocolViolation("NUL in a response field") }
        let field = HTTPHeaders.Field(
            name: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: line[..<colon])),
            value: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: line[value..<end])))
        if union < 0x80 { return headers.add(field) }
        // What is not UTF-8 becomes U+FFFD.
        headers.add(String(decoding: field.name, as: UTF8.self), String(decoding: field.value, as: UTF8.self))
    }

    private static func parseStatusLine(
        _ bytes: UnsafeBufferPointer<UInt8>
    ) throws(HTTPClientError) -> (status: Int, isVersion10: Bool) {
        guard !bytes.isEmpty else { throw .protocolViolation("empty response head") }
        guard bytes.count >= 12, bytes.starts(with: "HTTP/1.".utf8), bytes[7] == 0x30 || bytes[7] == 0x31,
            bytes[8] == 0x20, bytes[9...11].allSatisfy({ (0x30...0x39).contains($0) }),
            bytes.count == 12 || bytes[12] == 0x20
        else { throw .protocolViolation("malformed status line") }
        let status = bytes[9...11].reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard status >= 100 else { throw .protocolViolation("malformed status line") }
        return (status, bytes[7] == 0x30)
    }
}

import HTTPTypes

/// Status line and fields of a response (RFC 9112, sections 4 and 5).
enum ResponseHead {
    private static let maxFields = 200

    /// `head` is everything before the empty line, without the last line break.
    static func parse(
        _ head: ArraySlice<UInt8>
    ) throws(HTTPClientError) -> (response: HTTPResponse, isVersion10: Bool) {
        var lines = head.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            line.last == 0x0D ? line.dropLast() : line
        }[...]
        guard let statusLine = lines.popFirst() else { throw .protocolViolation("empty response head") }
        let (status, isVersion10) = try parseStatusLine(statusLine)
        guard lines.count <= maxFields else { throw .protocolViolation("more than \(maxFields) fields") }
        var headers = HTTPHeaders()
        headers.reserveCapacity(lines.count)
        for line in lines {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].allSatisfy(RequestEncoder.isTokenByte)
            else { throw .protocolViolation("malformed response field") }
            let value = line[(colon + 1)...]
            guard !value.contains(0) else { throw .protocolViolation("NUL in a response field") }
            headers.add(String(decoding: line[..<colon], as: UTF8.self), trimmed(value))
        }
        return (HTTPResponse(status: status, headers: headers), isVersion10)
    }

    private static func parseStatusLine(
        _ line: ArraySlice<UInt8>
    ) throws(HTTPClientError) -> (status: Int, isVersion10: Bool) {
        let bytes = Array(line)
        guard bytes.count >= 12, bytes.starts(with: "HTTP/1.".utf8), bytes[7] == 0x30 || bytes[7] == 0x31,
            bytes[8] == 0x20, bytes[9...11].allSatisfy({ (0x30...0x39).contains($0) }),
            bytes.count == 12 || bytes[12] == 0x20
        else { throw .protocolViolation("malformed status line") }
        let status = bytes[9...11].reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard status >= 100 else { throw .protocolViolation("malformed status line") }
        return (status, bytes[7] == 0x30)
    }

    private static func trimmed(_ value: ArraySlice<UInt8>) -> String {
        var value = value.drop { $0 == 0x20 || $0 == 0x09 }
        while value.last == 0x20 || value.last == 0x09 { value.removeLast() }
        return String(decoding: value, as: UTF8.self)
    }
}

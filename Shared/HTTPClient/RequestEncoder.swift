import HTTPTypes

/// HTTP/1.1 request heads (RFC 9112, section 3).
enum RequestEncoder {
    /// Request line and fields. `Host` and `Content-Length` are added where missing; connections
    /// persist by default in HTTP/1.1, so nothing is said about that.
    static func head(
        _ request: HTTPRequest, host: String, bodyLength: Int
    ) throws(HTTPClientError) -> [UInt8] {
        guard isToken(request.method) else { throw .protocolViolation("invalid method") }
        guard !request.target.isEmpty, request.target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .protocolViolation("invalid request target")
        }
        var head: [UInt8] = []
        head.reserveCapacity(512)
        head += request.method.utf8
        head.append(UInt8(ascii: " "))
        head += request.target.utf8
        head += " HTTP/1.1\r\n".utf8
        if !request.headers.contains("Host") { append("Host", host, to: &head) }
        for (name, value) in request.headers {
            // A line break in a value would let its author write further fields.
            guard isToken(name), value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw .protocolViolation(
                    "invalid characters in request field '\(isToken(name) ? name : "?")'")
            }
            guard !HTTPHeaders.sameName(name, "Transfer-Encoding") else {
                throw .protocolViolation("request bodies are sent with Content-Length only")
            }
            if HTTPHeaders.sameName(name, "Content-Length") { continue }
            append(name, value, to: &head)
        }
        let expectsBody = ["POST", "PUT", "PATCH"].contains(request.method)
        if bodyLength > 0 || expectsBody { append("Content-Length", String(bodyLength), to: &head) }
        head += "\r\n".utf8
        return head
    }

    private static func append(_ name: String, _ value: String, to head: inout [UInt8]) {
        head += name.utf8
        head += ": ".utf8
        head += value.utf8
        head += "\r\n".utf8
    }

    /// RFC 9110, section 5.6.2.
    static func isToken(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy(isTokenByte) }

    static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
        default: false
        }
    }
}

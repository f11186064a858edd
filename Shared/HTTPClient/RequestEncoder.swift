import Bytes
import HTTPTypes

/// HTTP/1.1 request heads (RFC 9112, section 3).
enum RequestEncoder {
    /// Request line and fields. `Host` and `Content-Length` are added where missing; connections
    /// persist by default in HTTP/1.1, so nothing is said about that.
    /// - Parameters:
    ///   - host: the value of `Host` unless the request has one.
    ///   - more: how many bytes will be put behind the head.
    static func head(
        _ request: HTTPRequest, host: @autoclosure () -> String, bodyLength: Int, roomFor more: Int = 0
    ) throws(HTTPClientError) -> ByteBuffer {
        guard FieldSyntax.isToken(request.method) else { throw .protocolViolation("invalid method") }
        guard !request.target.isEmpty, request.target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .protocolViolation("invalid request target")
        }
        var head = ByteBuffer(capacity: request.target.utf8.count + request.headers.wireBytes + more + 128)
        head.append(request.method)
        head.append(0x20)
        head.append(request.target)
        head.append(" HTTP/1.1\r\n")
        if !request.headers.contains("Host") { append("Host", host(), to: &head) }
        if let fault = append(request.headers, to: &head) { throw fault }
        if bodyLength > 0 || ["POST", "PUT", "PATCH"].contains(request.method) {
            append("Content-Length", String(bodyLength), to: &head)
        }
        head.append("\r\n")
        return head
    }

    /// - Returns: what is wrong with one of the fields.
    private static func append(_ headers: HTTPHeaders, to head: inout ByteBuffer) -> HTTPClientError? {
        var first: HTTPClientError?
        headers.forEachField { field in
            if field.isNamed("Content-Length") { return }
            if let fault = fault(of: field) {
                first = first ?? fault
            } else {
                append(field, to: &head)
            }
        }
        return first
    }

    private static func fault(of field: HTTPHeaders.Field) -> HTTPClientError? {
        // A line break in a value would let its author write further fields.
        let isName = FieldSyntax.isToken(field.name)
        guard isName, FieldSyntax.isValue(field.value) else {
            let name = isName ? String(decoding: field.name, as: UTF8.self) : "?"
            return .protocolViolation("invalid characters in request field '\(name)'")
        }
        guard !field.isNamed("Transfer-Encoding") else {
            return .protocolViolation("request bodies are sent with Content-Length only")
        }
        return nil
    }

    private static func append(_ name: StaticString, _ value: String, to head: inout ByteBuffer) {
        head.append(name)
        head.append(": ")
        head.append(value)
        head.append("\r\n")
    }

    private static func append(_ field: HTTPHeaders.Field, to head: inout ByteBuffer) {
        head.append(field.name)
        head.append(": ")
        head.append(field.value)
        head.append("\r\n")
    }
}

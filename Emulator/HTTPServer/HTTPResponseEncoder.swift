import Bytes
import Clock
import HTTPTypes

/// Writes response heads. Keeps the date's text for the second it lasts.
struct HTTPResponseEncoder: ~Copyable {
    private let serverName: String?
    private let clock: any WallClock
    private var dateSecond = Int64.min
    private var dateLine: [UInt8] = []
    private var statusLines = [[UInt8]](repeating: [], count: 600)
    /// The head that is being written.
    private var head = ByteBuffer(capacity: 1_024)

    init(serverName: String?, clock: any WallClock) {
        self.serverName = serverName
        self.clock = clock
    }

    static let continueLine = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// Whether a response may carry a body at all (RFC 9110, section 6.4.1).
    static func hasBody(_ status: Int, isHead: Bool) -> Bool {
        !isHead && status != 204 && status != 304 && status >= 200
    }

    /// Appends status line and header fields. Framing is this encoder's business: the handler's
    /// `Content-Length` counts only where no body is sent, its `Transfer-Encoding` never.
    mutating func encodeHead(
        _ response: HTTPResponse, _ reply: HTTPConnectionState.Reply, into output: inout [UInt8]
    ) {
        let status = (200...599).contains(response.status) ? response.status : 500
        head.removeAll()
        appendStatusLine(status)
        var hasDate = false
        var hasServer = false
        var givenLength: Int64?
        response.headers.forEachField { field in
            switch field.name.count {
            case 4 where HTTPCharacters.matches(field.name, "date"): hasDate = true
            case 6 where HTTPCharacters.matches(field.name, "server"): hasServer = true
            case 10 where HTTPCharacters.matches(field.name, "connection"): return
            case 14 where HTTPCharacters.matches(field.name, "content-length"):
                givenLength = Int64(String(decoding: field.value, as: UTF8.self))
                return
            case 17 where HTTPCharacters.matches(field.name, "transfer-encoding"): return
            default: break
            }
            Self.append(field, &head)
        }
        if !hasDate { appendDate() }
        if !hasServer, let serverName { Self.append("Server", serverName, &head) }
        if case .stream = response.body, Self.hasBody(status, isHead: false) {
            // HTTP/1.0 knows no chunks: there the connection's end is that of the body.
            if reply.minorVersion > 0 { head.append("Transfer-Encoding: chunked\r\n") }
        } else if Self.hasBody(status, isHead: false) {
            head.append("Content-Length: ")
            if reply.isHead, let givenLength, givenLength >= 0 {
                Self.append(givenLength, &head)
            } else {
                Self.append(response.body.length, &head)
            }
            head.append("\r\n")
        }
        if !reply.keepsAlive {
            head.append("Connection: close\r\n")
        } else if reply.minorVersion == 0 {
            head.append("Connection: keep-alive\r\n")
        }
        head.append("\r\n")
        head.withBytes { output.append(contentsOf: $0) }
    }

    private mutating func appendStatusLine(_ status: Int) {
        if statusLines[status].isEmpty {
            statusLines[status] = Array("HTTP/1.1 \(status) \(HTTPResponse.reason(status))\r\n".utf8)
        }
        head.append(statusLines[status])
    }

    private mutating func appendDate() {
        let now = clock.now
        if now.seconds != dateSecond {
            dateSecond = now.seconds
            dateLine = Array("Date: \(now.rfc1123)\r\n".utf8)
        }
        head.append(dateLine)
    }

    /// A name that is no token is left out, and control characters in a value become spaces: a handler's
    /// text must not be able to end the field or the head.
    static func append(_ field: HTTPHeaders.Field, _ head: inout ByteBuffer) {
        guard FieldSyntax.isToken(field.name) else { return }
        head.append(field.name)
        head.append(": ")
        if FieldSyntax.isValue(field.value) {
            head.append(field.value)
        } else {
            for byte in field.value { head.append(FieldSyntax.isValue(byte) ? byte : 0x20) }
        }
        head.append("\r\n")
    }

    private static func append(_ name: StaticString, _ value: String, _ head: inout ByteBuffer) {
        head.append(name)
        head.append(": ")
        head.append(value)
        head.append("\r\n")
    }

    /// Decimal digits without a String.
    private static func append(_ number: Int64, _ head: inout ByteBuffer) {
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
            var start = digits.count
            var rest = number.magnitude
            repeat {
                start -= 1
                digits[start] = 0x30 + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            head.append(UnsafeRawBufferPointer(rebasing: digits[start...]))
        }
    }
}

import Clock
import HTTPTypes

/// Writes response heads. Keeps the date's text for the second it lasts.
struct HTTPResponseEncoder {
    private let serverName: String?
    private let clock: any WallClock
    private var dateSecond = Int64.min
    private var dateLine: [UInt8] = []
    private var statusLines = [[UInt8]](repeating: [], count: 600)

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
        appendStatusLine(status, &output)
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
            Self.append(field, &output)
        }
        if !hasDate { appendDate(&output) }
        if !hasServer, let serverName { Self.append("Server", serverName, &output) }
        if case .stream = response.body, Self.hasBody(status, isHead: false) {
            // HTTP/1.0 knows no chunks: there the connection's end is that of the body.
            if reply.minorVersion > 0 { Self.append("Transfer-Encoding: chunked\r\n", &output) }
        } else if Self.hasBody(status, isHead: false) {
            Self.append("Content-Length: ", &output)
            if reply.isHead, let givenLength, givenLength >= 0 {
                Self.append(givenLength, &output)
            } else {
                Self.append(response.body.length, &output)
            }
            Self.append("\r\n", &output)
        }
        if !reply.keepsAlive {
            Self.append("Connection: close\r\n", &output)
        } else if reply.minorVersion == 0 {
            Self.append("Connection: keep-alive\r\n", &output)
        }
        Self.append("\r\n", &output)
    }

    private mutating func appendStatusLine(_ status: Int, _ output: inout [UInt8]) {
        if statusLines[status].isEmpty {
            statusLines[status] = Array("HTTP/1.1 \(status) \(HTTPResponse.reason(status))\r\n".utf8)
        }
        output.append(contentsOf: statusLines[status])
    }

    private mutating func appendDate(_ output: inout [UInt8]) {
        let now = clock.now
        if now.seconds != dateSecond {
            dateSecond = now.seconds
            dateLine = Array("Date: \(now.rfc1123)\r\n".utf8)
        }
        output.append(contentsOf: dateLine)
    }

    /// A name that is no token is left out, and control characters in a value become spaces: a handler's
    /// text must not be able to end the field or the head.
    static func append(_ field: HTTPHeaders.Field, _ output: inout [UInt8]) {
        guard !field.name.isEmpty, field.name.allSatisfy(HTTPCharacters.isToken) else { return }
        output.append(contentsOf: field.name)
        output.append(0x3A)
        output.append(0x20)
        let start = output.count
        output.append(contentsOf: field.value)
        if !HTTPCharacters.areFieldValues(field.value) {
            for index in start..<output.count where !HTTPCharacters.isFieldValue(output[index]) {
                output[index] = 0x20
            }
        }
        output.append(0x0D)
        output.append(0x0A)
    }

    private static func append(_ name: StaticString, _ value: String, _ output: inout [UInt8]) {
        append(name, &output)
        append(": ", &output)
        append(value, &output)
        append("\r\n", &output)
    }

    @inline(__always)
    private static func append(_ text: StaticString, _ output: inout [UInt8]) {
        output.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inline(__always)
    private static func append(_ text: String, _ output: inout [UInt8]) {
        var text = text
        text.withUTF8 { output.append(contentsOf: $0) }
    }

    /// Decimal digits without a String.
    private static func append(_ number: Int64, _ output: inout [UInt8]) {
        let start = output.count
        var rest = number.magnitude
        repeat {
            output.append(0x30 + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        output[start...].reverse()
    }
}

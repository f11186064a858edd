import HTTPTypes

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Reads HTTP/1.1 responses (RFC 9112) from bytes as they come; knows no socket and no clock.
///
/// Bytes after a complete response stay for the next one, so that pipelined answers work.
package struct ResponseParser {
    package struct Limits: Sendable {
        /// Status line and fields together.
        package var headBytes = 65_536
        package var bodyBytes: Int

        package init(bodyBytes: Int) { self.bodyBytes = bodyBytes }
    }

    private enum State {
        case head
        case fixed(remaining: Int)
        case untilClose
        case chunkSize
        case chunkData(remaining: Int)
        case chunkEnd
        case trailers(bytes: Int)
        case complete
    }

    /// So much of the buffer may have been read before what follows moves to its front.
    private static let spareBytes = 65_536

    private let limits: Limits
    private var state = State.head
    private var buffer: [UInt8] = []
    private var position = 0
    private var method = "GET"
    private var response = HTTPResponse(status: 0)
    private var body: [UInt8] = []
    /// Whether the connection may carry another request after this response.
    package private(set) var keepsAlive = true
    /// Whether any byte of the current response has come.
    package private(set) var hasStarted = false

    package init(limits: Limits) { self.limits = limits }

    /// Prepares for the response to a request with `method`, which decides about its body.
    package mutating func begin(method: String) {
        self.method = method
        state = .head
        response = HTTPResponse(status: 0)
        body = []
        keepsAlive = true
        hasStarted = hasSurplus
    }

    /// Whether bytes are left that belong to no response asked for.
    package var hasSurplus: Bool { position < buffer.count }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        hasStarted = true
        if position == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            position = 0
        } else if position > Self.spareBytes {
            buffer.removeSubrange(..<position)
            position = 0
        }
        buffer += bytes
    }

    /// The response when it is complete, nil while bytes are missing.
    package mutating func next() throws(HTTPClientError) -> HTTPResponse? {
        while try advance() {}
        guard case .complete = state else { return nil }
        response.body = .bytes(body)
        return response
    }

    /// The peer closed: completes a response that ends so, else throws `closed`.
    package mutating func finish() throws(HTTPClientError) -> HTTPResponse {
        keepsAlive = false
        guard case .untilClose = state else { throw .closed }
        response.body = .bytes(body)
        return response
    }

    // MARK: - States

    /// One step; false when the response is complete or bytes are missing.
    private mutating func advance() throws(HTTPClientError) -> Bool {
        switch state {
        case .complete: return false
        case .head: return try readHead()
        case .fixed(let remaining):
            let left = remaining - take(remaining)
            state = left == 0 ? .complete : .fixed(remaining: left)
            return left == 0
        case .untilClose:
            guard body.count + buffer.count - position <= limits.bodyBytes else { throw .tooLarge }
            _ = take(buffer.count - position)
            return false
        case .chunkSize: return try readChunkSize()
        case .chunkData(let remaining):
            let left = remaining - take(remaining)
            state = left == 0 ? .chunkEnd : .chunkData(remaining: left)
            return left == 0
        case .chunkEnd:
            guard let line = try line(atMost: 2) else { return false }
            guard line.isEmpty else { throw .protocolViolation("chunk data longer than its size") }
            state = .chunkSize
            return true
        case .trailers(let bytes):
            // Trailer fields carry nothing that a client of these services needs.
            guard let line = try line(atMost: limits.headBytes) else { return false }
            let total = bytes + line.count
            guard total <= limits.headBytes else { throw .protocolViolation("trailers too long") }
            state = line.isEmpty ? .complete : .trailers(bytes: total)
            return true
        }
    }

    /// Moves up to `count` bytes to the body; how many there were.
    private mutating func take(_ count: Int) -> Int {
        let available = min(count, buffer.count - position)
        body += buffer[position..<position + available]
        position += available
        return available
    }

    /// The next line without its end; nil when incomplete. A bare LF ends a line too (RFC 9112, 2.2).
    private mutating func line(atMost limit: Int) throws(HTTPClientError) -> ArraySlice<UInt8>? {
        let rest = buffer[position...]
        guard let end = rest.prefix(limit + 2).firstIndex(of: 0x0A) else {
            guard rest.count <= limit else { throw .protocolViolation("line too long") }
            return nil
        }
        position = end + 1
        let line = rest[..<end]
        return line.last == 0x0D ? line.dropLast() : line
    }

    private mutating func readChunkSize() throws(HTTPClientError) -> Bool {
        guard let line = try line(atMost: 4096) else { return false }
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 && $0 != 0x09 }
        guard !digits.isEmpty, digits.count <= 15, digits.allSatisfy(Self.isHexDigit),
            let size = Int(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw .protocolViolation("invalid chunk size") }
        guard size <= limits.bodyBytes - body.count else { throw .tooLarge }
        state = size == 0 ? .trailers(bytes: 0) : .chunkData(remaining: size)
        return true
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }

    private mutating func readHead() throws(HTTPClientError) -> Bool {
        guard let head = try completeHead() else { return false }
        var (response, isVersion10) = try ResponseHead.parse(head)
        // Interim responses announce the real one (RFC 9110, 15.2); an upgrade was never asked for.
        if response.status == 101 { throw .protocolViolation("unexpected 101 Switching Protocols") }
        if (100...199).contains(response.status) { return true }
        let options = Self.options(response.headers, "Connection")
        keepsAlive = isVersion10 ? options.contains("keep-alive") : !options.contains("close")
        if method == "HEAD" || response.status == 204 || response.status == 304 {
            state = .complete
        } else {
            state = try framing(of: &response)
        }
        self.response = response
        return true
    }

    /// The members of a list field, lower-case.
    private static func options(_ headers: HTTPHeaders, _ name: String) -> [Substring] {
        guard headers.contains(name) else { return [] }
        return headers.values(name).joined(separator: ",").lowercased().split(separator: ",").map(\.trimmed)
    }

    /// The bytes of the head once its empty line is there. Empty lines before it are skipped.
    private mutating func completeHead() throws(HTTPClientError) -> ArraySlice<UInt8>? {
        while position < buffer.count, buffer[position] == 0x0D || buffer[position] == 0x0A { position += 1 }
        let found = buffer.withUnsafeBufferPointer {
            Self.headEnd($0, from: position, limit: limits.headBytes)
        }
        if let found {
            let head = buffer[position..<found.newline]
            position = found.next
            return head
        }
        guard buffer.count - position <= limits.headBytes else {
            throw .protocolViolation("response head longer than \(limits.headBytes) bytes")
        }
        return nil
    }

    /// The line break before the first empty line, and what follows that line.
    private static func headEnd(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, limit: Int
    ) -> (newline: Int, next: Int)? {
        guard let base = bytes.baseAddress else { return nil }
        var index = start
        while index < bytes.count, let found = memchr(base + index, 0x0A, bytes.count - index) {
            let newline = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            index = newline + 1
            guard index - start <= limit, index < bytes.count else { return nil }
            if bytes[index] == 0x0A { return (newline, index + 1) }
            if bytes[index] == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A {
                return (newline, index + 2)
            }
        }
        return nil
    }

    /// How the body ends (RFC 9112, section 6.3).
    private mutating func framing(of response: inout HTTPResponse) throws(HTTPClientError) -> State {
        let encodings = Self.options(response.headers, "Transfer-Encoding")
        if let last = encodings.last {
            guard encodings == ["chunked"] else {
                throw .protocolViolation("unsupported transfer coding '\(last)'")
            }
            // Both lengths at once smell of request smuggling: read it, then drop the connection.
            if response.headers.contains("Content-Length") { keepsAlive = false }
            return .chunkSize
        }
        let values = response.headers.values("Content-Length")
        guard !values.isEmpty else {
            keepsAlive = false
            return .untilClose
        }
        guard let length = values.count == 1 ? Self.length(values[0]) : Self.sameLength(values) else {
            throw .protocolViolation("invalid Content-Length")
        }
        guard length <= limits.bodyBytes else { throw .tooLarge }
        body.reserveCapacity(length)
        return length == 0 ? .complete : .fixed(remaining: length)
    }

    /// At most 18 digits, which fit, or a list of the same ones.
    private static func length(_ text: String) -> Int? {
        guard text.utf8.count <= 18, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return text.utf8.contains(0x2C)
                ? sameLength(text.split(separator: ",").map { String($0.trimmed) }) : nil
        }
        return Int(text)
    }

    /// Several lengths are good when they say the same.
    private static func sameLength(_ values: [String]) -> Int? {
        let lengths = Set(values.map { length($0) })
        return lengths.count == 1 ? lengths.first ?? nil : nil
    }
}

extension Substring {
    /// Without spaces and tabs at both ends.
    fileprivate var trimmed: Substring {
        var slice = drop { $0 == " " || $0 == "\t" }
        while slice.last == " " || slice.last == "\t" { slice.removeLast() }
        return slice
    }
}

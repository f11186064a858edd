import Glibc
import HTTPTypes

/// Reads HTTP/1 requests from bytes that come in any pieces. Pure: it is fed and asked for the next event,
/// and knows neither socket nor clock. Bodies are handed out as slices of the input, never copied.
package struct HTTPRequestParser {
    package struct Limits: Sendable {
        /// Of the request line and all header fields together, with their line ends.
        var headBytes = 65_536
        var fieldCount = 200
        /// Of one chunk's size line.
        var chunkLineBytes = 4_096
        /// Of all chunk extensions of a body together: they carry nothing, so they must not cost much.
        var chunkExtensionBytes = 16_384

        package init() {}
    }

    package enum Event {
        case needsInput
        case head(HTTPRequestHead)
        case body(UnsafeRawBufferPointer)
        /// The request is complete. What is left of the input belongs to the next one.
        case end
        /// Asked again, the parser gives the same answer for ever.
        case failure(HTTPParseError)
    }

    private enum Phase {
        case requestLine
        case fields
        case length(Int64)
        case chunkSize
        case chunkData(Int64)
        case chunkEnd
        case trailers
        case complete
        case failed(HTTPParseError)
    }

    private let limits: Limits
    private var phase = Phase.requestLine
    private var builder = HTTPHeadBuilder()
    /// The beginning of a line whose end has not come yet.
    private var held: [UInt8] = []
    /// Bytes of the current head or trailer section so far, without `held`.
    private var sectionBytes = 0
    private var extensionBytes = 0
    /// What followed the last chunk of the last body.
    private(set) var trailers = HTTPHeaders()

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// Whether nothing of a next request has come yet.
    var isBetweenRequests: Bool {
        if case .requestLine = phase { return held.isEmpty && sectionBytes == 0 }
        return false
    }

    /// Takes as much of `input` as the next event needs.
    package mutating func next(_ input: inout UnsafeRawBufferPointer) -> Event {
        do throws(HTTPParseError) {
            return try advance(&input)
        } catch {
            phase = .failed(error)
            held = []
            return .failure(error)
        }
    }

    private mutating func advance(_ input: inout UnsafeRawBufferPointer) throws(HTTPParseError) -> Event {
        while true {
            switch phase {
            case .failed(let error): return .failure(error)
            case .complete:
                phase = .requestLine
                sectionBytes = 0
                extensionBytes = 0
                return .end
            case .length(let remaining):
                guard let piece = Self.take(&input, atMost: remaining) else { return .needsInput }
                let rest = remaining - Int64(piece.count)
                phase = rest == 0 ? .complete : .length(rest)
                return .body(piece)
            case .chunkData(let remaining):
                guard let piece = Self.take(&input, atMost: remaining) else { return .needsInput }
                let rest = remaining - Int64(piece.count)
                phase = rest == 0 ? .chunkEnd : .chunkData(rest)
                return .body(piece)
            case .requestLine, .fields, .chunkSize, .chunkEnd, .trailers:
                switch try takeLine(&input) {
                case .incomplete: return .needsInput
                case .understood: continue
                case .head(let head): return .head(head)
                }
            }
        }
    }

    private static func take(
        _ input: inout UnsafeRawBufferPointer, atMost limit: Int64
    ) -> UnsafeRawBufferPointer? {
        guard !input.isEmpty else { return nil }
        let count = Int(min(Int64(input.count), limit))
        let piece = UnsafeRawBufferPointer(rebasing: input[..<count])
        input = UnsafeRawBufferPointer(rebasing: input[count...])
        return piece
    }

    // MARK: - Lines

    private enum LineOutcome {
        case incomplete
        case understood
        case head(HTTPRequestHead)
    }

    private mutating func takeLine(
        _ input: inout UnsafeRawBufferPointer
    ) throws(HTTPParseError) -> LineOutcome {
        guard let start = input.baseAddress, let found = memchr(start, 0x0A, input.count) else {
            try checkLength(held.count + input.count)
            held.append(contentsOf: input)
            try checkHeldEnd()
            input = UnsafeRawBufferPointer(rebasing: input[input.count...])
            return .incomplete
        }
        let end = UnsafeRawPointer(found) - start
        let piece = UnsafeRawBufferPointer(rebasing: input[...end])
        input = UnsafeRawBufferPointer(rebasing: input[(end + 1)...])
        try checkLength(held.count + piece.count)
        if held.isEmpty { return try line(piece) }
        var whole: [UInt8] = []
        swap(&whole, &held)
        whole.append(contentsOf: piece)
        let outcome = whole.withUnsafeBytes { bytes in
            Result { () throws(HTTPParseError) in try line(bytes) }
        }
        // The buffer keeps its room for the next split line.
        whole.removeAll(keepingCapacity: true)
        swap(&whole, &held)
        return try outcome.get()
    }

    /// `count` is that of the line so far, with its end if that has come.
    private func checkLength(_ count: Int) throws(HTTPParseError) {
        switch phase {
        case .chunkSize where count > limits.chunkLineBytes:
            throw HTTPParseError("a chunk's size line is too long")
        case .chunkEnd where count > 2: throw HTTPParseError("a chunk is longer than its size")
        case .requestLine where count > limits.headBytes:
            throw HTTPParseError("the request line is longer than \(limits.headBytes) bytes", status: 414)
        case .requestLine where sectionBytes + count > limits.headBytes,
            .fields where sectionBytes + count > limits.headBytes,
            .trailers where sectionBytes + count > limits.headBytes:
            throw HTTPParseError("the header fields are longer than \(limits.headBytes) bytes", status: 431)
        default: break
        }
    }

    /// A chunk's end is refused with its first wrong byte, not only when a line end comes.
    private func checkHeldEnd() throws(HTTPParseError) {
        if case .chunkEnd = phase, let first = held.first, first != 0x0D || held.count > 1 {
            throw HTTPParseError("a chunk is longer than its size")
        }
    }

    /// `bytes` ends with a line feed.
    private mutating func line(_ bytes: UnsafeRawBufferPointer) throws(HTTPParseError) -> LineOutcome {
        let count = bytes.count - 2
        guard count >= 0, let start = bytes.baseAddress, bytes[count] == 0x0D,
            count == 0 || memchr(start, 0x0D, count) == nil
        else {
            if case .chunkEnd = phase { throw HTTPParseError("a chunk is longer than its size") }
            throw HTTPParseError("a line does not end with CR LF")
        }
        let line = UnsafeRawBufferPointer(rebasing: bytes[..<count])
        switch phase {
        case .requestLine:
            sectionBytes += bytes.count
            // Empty lines before a request are ignored (RFC 9112, section 2.2), within the head's limit.
            if line.isEmpty { return .understood }
            builder = HTTPHeadBuilder()
            try builder.requestLine(line)
            phase = .fields
        case .fields:
            sectionBytes += bytes.count
            if line.isEmpty { return .head(try finishHead()) }
            try builder.field(line, maxCount: limits.fieldCount)
        case .chunkSize: try chunkSize(line)
        case .chunkEnd:
            guard line.isEmpty else { throw HTTPParseError("a chunk is longer than its size") }
            phase = .chunkSize
        case .trailers:
            sectionBytes += bytes.count
            if line.isEmpty { phase = .complete } else { try trailer(line) }
        case .length, .chunkData, .complete, .failed: break
        }
        return .understood
    }

    private mutating func finishHead() throws(HTTPParseError) -> HTTPRequestHead {
        let head = try builder.finish()
        builder = HTTPHeadBuilder()
        sectionBytes = 0
        if !trailers.isEmpty { trailers = HTTPHeaders() }
        switch head.framing {
        case .none: phase = .complete
        case .length(let length): phase = .length(length)
        case .chunked: phase = .chunkSize
        }
        return head
    }

    private mutating func trailer(_ line: UnsafeRawBufferPointer) throws(HTTPParseError) {
        guard trailers.count < limits.fieldCount else {
            throw HTTPParseError("there are more than \(limits.fieldCount) trailer fields", status: 431)
        }
        let (name, value) = try HTTPHeadBuilder.trailer(line)
        trailers.add(name, value)
    }

    /// Hexadecimal digits, then maybe extensions, which are ignored (RFC 9112, section 7.1.1).
    private mutating func chunkSize(_ line: UnsafeRawBufferPointer) throws(HTTPParseError) {
        var size: UInt64 = 0
        var index = 0
        while index < line.count, let digit = HTTPCharacters.hexDigit(line[index]) {
            size = size << 4 | digit
            index += 1
            // 15 digits fit in 60 bits.
            guard index <= 15 else { throw HTTPParseError("a chunk's size is too large") }
        }
        guard index > 0 else { throw HTTPParseError("a chunk's size is malformed") }
        let rest = HTTPCharacters.trimmed(UnsafeRawBufferPointer(rebasing: line[index...]))
        if index < line.count {
            guard rest.first == 0x3B, rest.allSatisfy({ FieldSyntax.isValue($0) }) else {
                throw HTTPParseError("a chunk's size is malformed")
            }
            extensionBytes += line.count - index
            guard extensionBytes <= limits.chunkExtensionBytes else {
                throw HTTPParseError("the chunk extensions are too long")
            }
        }
        phase = size == 0 ? .trailers : .chunkData(Int64(size))
    }
}

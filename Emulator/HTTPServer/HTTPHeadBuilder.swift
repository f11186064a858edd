import HTTPTypes

/// Turns the lines of a request's head into an `HTTPRequestHead`. Strict, because a lenient reading that
/// differs from a neighbour's is how requests are smuggled (RFC 9112, section 11.2).
struct HTTPHeadBuilder {
    private var head = HTTPRequestHead()
    private var fieldCount = 0
    private var hasHost = false
    private var absoluteHost: String?
    private var contentLength: Int64?
    private var isChunked = false
    private var saysClose = false
    private var saysKeepAlive = false

    /// `METHOD target HTTP/1.x`, without the line's end.
    mutating func requestLine(_ line: UnsafeRawBufferPointer) throws(HTTPParseError) {
        head.headers.reserveCapacity(8)
        guard let firstSpace = line.firstIndex(of: 0x20), firstSpace > 0 else {
            throw HTTPParseError("the request line is malformed")
        }
        let method = UnsafeRawBufferPointer(rebasing: line[..<firstSpace])
        guard method.allSatisfy({ FieldSyntax.isToken($0) }) else {
            throw HTTPParseError("the method is not a token")
        }
        guard let lastSpace = line.lastIndex(of: 0x20), lastSpace > firstSpace + 1 else {
            throw HTTPParseError("the request line is malformed")
        }
        let target = UnsafeRawBufferPointer(rebasing: line[(firstSpace + 1)..<lastSpace])
        try version(UnsafeRawBufferPointer(rebasing: line[(lastSpace + 1)...]))
        head.method = String(decoding: method, as: UTF8.self)
        guard target.allSatisfy(HTTPCharacters.isTarget) else {
            throw HTTPParseError("the request target has a character that must be percent-encoded")
        }
        guard HTTPCharacters.isUTF8(target) else {
            throw HTTPParseError("the request target is not UTF-8")
        }
        try setTarget(String(decoding: target, as: UTF8.self))
    }

    private mutating func version(_ bytes: UnsafeRawBufferPointer) throws(HTTPParseError) {
        guard bytes.count == 8, bytes.prefix(5).elementsEqual("HTTP/".utf8), bytes[6] == 0x2E,
            (0x30...0x39).contains(bytes[5]), (0x30...0x39).contains(bytes[7])
        else { throw HTTPParseError("the HTTP version is malformed") }
        guard bytes[5] == 0x31 else { throw HTTPParseError("only HTTP/1 is spoken here", status: 505) }
        // A later minor version is answered as 1.1 (RFC 9110, section 2.5).
        head.minorVersion = bytes[7] == 0x30 ? 0 : 1
    }

    /// The forms of RFC 9112, section 3.2.
    private mutating func setTarget(_ text: String) throws(HTTPParseError) {
        if head.method == "CONNECT" {
            guard !text.isEmpty, Self.isHost(text.utf8) else {
                throw HTTPParseError("the target of CONNECT has to be a host and a port")
            }
            throw HTTPParseError("tunnels are not supported", status: 501)
        }
        if text.utf8.first == 0x2F {
            head.target = text
            return
        }
        if text == "*" {
            guard head.method == "OPTIONS" else { throw HTTPParseError("'*' is a target of OPTIONS only") }
            head.target = text
            return
        }
        guard let mark = text.firstRange(of: "://"),
            ["http", "https"].contains(text[..<mark.lowerBound].lowercased())
        else { throw HTTPParseError("the request target must begin with '/'") }
        let rest = text[mark.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = String(rest[..<end])
        guard !authority.isEmpty, Self.isHost(authority.utf8) else {
            throw HTTPParseError("the request target names no valid host")
        }
        absoluteHost = authority
        head.target = rest[end...].first == "/" ? String(rest[end...]) : "/" + rest[end...]
    }

    /// `Name: value`, without the line's end.
    mutating func field(_ line: UnsafeRawBufferPointer, maxCount: Int) throws(HTTPParseError) {
        let (name, value) = try Self.split(line)
        fieldCount += 1
        guard fieldCount <= maxCount else {
            throw HTTPParseError("there are more than \(maxCount) header fields", status: 431)
        }
        try note(name, value)
        if HTTPCharacters.isUTF8(value) {
            head.headers.add(.init(name: name, value: value))
        } else {
            head.headers.add(String(decoding: name, as: UTF8.self), HTTPCharacters.string(value))
        }
    }

    /// A trailer field must be well-formed. It is kept apart from the head, so it cannot change the request.
    static func trailer(
        _ line: UnsafeRawBufferPointer
    ) throws(HTTPParseError) -> (name: String, value: String) {
        let (name, value) = try split(line)
        return (String(decoding: name, as: UTF8.self), HTTPCharacters.string(value))
    }

    private static func split(
        _ line: UnsafeRawBufferPointer
    ) throws(HTTPParseError) -> (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        // A fold, a space before the colon and an empty name all end at a byte that is no token.
        var end = 0
        while end < line.count, FieldSyntax.isToken(line[end]) { end += 1 }
        guard end > 0, end < line.count, line[end] == 0x3A else {
            throw HTTPParseError("a header field's name is malformed")
        }
        let value = UnsafeRawBufferPointer(rebasing: line[(end + 1)...])
        guard FieldSyntax.isValue(value) else {
            throw HTTPParseError("a header field's value has a control character")
        }
        return (UnsafeRawBufferPointer(rebasing: line[..<end]), HTTPCharacters.trimmed(value))
    }

    /// Keeps what decides about framing and the connection's life.
    private mutating func note(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
    ) throws(HTTPParseError) {
        switch name.count {
        case 4 where HTTPCharacters.matches(name, "host"):
            guard !hasHost else { throw HTTPParseError("there is more than one Host field") }
            guard Self.isHost(value) else { throw HTTPParseError("the Host field is malformed") }
            hasHost = true
        case 6 where HTTPCharacters.matches(name, "expect"):
            // A server may ignore other expectations (RFC 9110, section 10.1.1), and S3 does.
            head.expectsContinue = HTTPCharacters.matches(value, "100-continue")
        case 10 where HTTPCharacters.matches(name, "connection"):
            for option in HTTPCharacters.string(value).split(separator: ",") {
                let option = option.drop { $0 == " " || $0 == "\t" }.lowercased()
                if option.hasPrefix("close") { saysClose = true }
                if option.hasPrefix("keep-alive") { saysKeepAlive = true }
            }
        case 14 where HTTPCharacters.matches(name, "content-length"):
            guard contentLength == nil else { throw HTTPParseError("there is more than one Content-Length") }
            contentLength = try Self.decimal(value)
        case 17 where HTTPCharacters.matches(name, "transfer-encoding"):
            guard !isChunked else { throw HTTPParseError("there is more than one Transfer-Encoding") }
            guard !value.isEmpty else { throw HTTPParseError("the Transfer-Encoding is empty") }
            guard HTTPCharacters.matches(value, "chunked") else {
                throw HTTPParseError("the only transfer coding understood is chunked", status: 501)
            }
            isChunked = true
        default: break
        }
    }

    /// At most 18 digits, which fit in 63 bits.
    private static func decimal(_ bytes: UnsafeRawBufferPointer) throws(HTTPParseError) -> Int64 {
        guard (1...18).contains(bytes.count) else { throw HTTPParseError("the Content-Length is malformed") }
        var number: Int64 = 0
        for byte in bytes {
            guard (0x30...0x39).contains(byte) else {
                throw HTTPParseError("the Content-Length is malformed")
            }
            number = number * 10 + Int64(byte - 0x30)
        }
        return number
    }

    /// Name or address with an optional port; nothing that could end or extend an authority.
    private static func isHost(_ text: some Sequence<UInt8>) -> Bool {
        text.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            case 0x21, 0x24...0x2E, 0x3A, 0x3B, 0x3D, 0x5B, 0x5D, 0x5F, 0x7E: true
            default: false
            }
        }
    }

    /// The empty line has come.
    mutating func finish() throws(HTTPParseError) -> HTTPRequestHead {
        if let absoluteHost {
            // The target's authority replaces the field (RFC 9112, section 3.2.2).
            head.headers["Host"] = absoluteHost
        }
        guard hasHost || head.minorVersion == 0 else {
            throw HTTPParseError("an HTTP/1.1 request needs a Host field")
        }
        if isChunked {
            guard contentLength == nil else {
                throw HTTPParseError("Content-Length and Transfer-Encoding exclude each other")
            }
            guard head.minorVersion == 1 else {
                throw HTTPParseError("HTTP/1.0 has no Transfer-Encoding")
            }
            head.framing = .chunked
        } else if let contentLength, contentLength > 0 {
            head.framing = .length(contentLength)
        }
        head.keepsAlive = head.minorVersion == 1 ? !saysClose : saysKeepAlive && !saysClose
        if head.minorVersion == 0 { head.expectsContinue = false }
        return head
    }
}

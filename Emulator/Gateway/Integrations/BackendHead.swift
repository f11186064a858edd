import HTTPTypes

/// Writes the head of a request to a backend: the caller's fields without those that concern only the caller's own
/// connection, and the gateway's beside them.
enum BackendHead {
    /// nil when a method, target or field has characters that would let its author write another one.
    static func encode(
        method: String, target: String, headers: HTTPHeaders, added: [(name: String, value: String)],
        bodyLength: Int
    ) -> [UInt8]? {
        guard isToken(method), isTarget(target) else { return nil }
        var head: [UInt8] = []
        head.reserveCapacity(1_024)
        append(method, to: &head)
        head.append(0x20)
        append(target, to: &head)
        append(" HTTP/1.1\r\n", to: &head)
        let options = connectionOptions(headers)
        for (name, value) in headers.all {
            if isOwn(name) || isReplaced(name, added) { continue }
            if !options.isEmpty, options.contains(where: { HTTPHeaders.sameName(String($0), name) }) {
                continue
            }
            guard appendField(name, value, to: &head) else { return nil }
        }
        for (name, value) in added {
            guard appendField(name, value, to: &head) else { return nil }
        }
        if bodyLength > 0 || method == "POST" || method == "PUT" || method == "PATCH" {
            append("Content-Length: ", to: &head)
            append(String(bodyLength), to: &head)
            append("\r\n", to: &head)
        }
        append("\r\n", to: &head)
        return head
    }

    /// The fields that a Connection field names (RFC 9110, section 7.6.1).
    static func connectionOptions(_ headers: HTTPHeaders) -> [Substring] {
        guard let value = headers["connection"] else { return [] }
        if value.utf8.count == 10 || value.utf8.count == 5 {
            let plain = value.lowercased()
            if plain == "keep-alive" || plain == "close" { return [] }
        }
        return headers.values("connection").flatMap { $0.split { $0 == "," || $0 == " " || $0 == "\t" } }
    }

    /// What concerns one connection only, and what is written anew.
    static func isOwn(_ name: String) -> Bool {
        switch name.utf8.count {
        case 2: HTTPHeaders.sameName(name, "te")
        case 6: HTTPHeaders.sameName(name, "expect")
        case 7: HTTPHeaders.sameName(name, "upgrade") || HTTPHeaders.sameName(name, "trailer")
        case 10: HTTPHeaders.sameName(name, "connection") || HTTPHeaders.sameName(name, "keep-alive")
        case 14: HTTPHeaders.sameName(name, "content-length")
        case 16: HTTPHeaders.sameName(name, "proxy-connection")
        case 17: HTTPHeaders.sameName(name, "transfer-encoding")
        case 18: HTTPHeaders.sameName(name, "proxy-authenticate")
        case 19: HTTPHeaders.sameName(name, "proxy-authorization")
        default: false
        }
    }

    private static func isReplaced(_ name: String, _ added: [(name: String, value: String)]) -> Bool {
        for field in added
        where field.name.utf8.count == name.utf8.count && HTTPHeaders.sameName(field.name, name) {
            return true
        }
        return false
    }

    private static func appendField(_ name: String, _ value: String, to head: inout [UInt8]) -> Bool {
        guard isToken(name), isFieldValue(value) else { return false }
        append(name, to: &head)
        head.append(0x3A)
        head.append(0x20)
        append(value, to: &head)
        head.append(0x0D)
        head.append(0x0A)
        return true
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    private static func isTarget(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            guard bytes.first == 0x2F || bytes.first == 0x2A else { return false }
            for byte in bytes where byte <= 0x20 || byte == 0x7F { return false }
            return true
        }
    }

    private static func isFieldValue(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var controls: UInt8 = 0
            for byte in bytes {
                controls |= (byte < 0x20 ? 1 : 0) & (byte == 0x09 ? 0 : 1) | (byte == 0x7F ? 1 : 0)
            }
            return controls == 0
        }
    }

    private static func isToken(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            for byte in bytes {
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: continue
                case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: continue
                default: return false
                }
            }
            return !bytes.isEmpty
        }
    }
}

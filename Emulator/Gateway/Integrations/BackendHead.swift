import Bytes
import HTTPTypes

/// Writes the head of a request to a backend: the caller's fields without those that concern only the caller's own
/// connection, and the gateway's beside them.
enum BackendHead {
    /// nil when a method, target or field has characters that would let its author write another one.
    static func encode(
        method: String, target: String, headers: HTTPHeaders, added: [(name: String, value: String)],
        bodyLength: Int
    ) -> [UInt8]? {
        guard FieldSyntax.isToken(method), isTarget(target) else { return nil }
        var head = ByteBuffer(capacity: 1_024)
        head.append(method)
        head.append(0x20)
        head.append(target)
        head.append(" HTTP/1.1\r\n")
        let options = connectionOptions(headers)
        var isSound = true
        headers.forEachField { field in
            if isOwn(field) || isNamed(field, added) || options.contains(where: { field.isNamed($0) }) {
                return
            }
            isSound = appendField(field, to: &head) && isSound
        }
        for (name, value) in added {
            var (name, value) = (name, value)
            name.withUTF8 { name in
                value.withUTF8 { value in
                    let field = HTTPHeaders.Field(
                        name: UnsafeRawBufferPointer(name), value: UnsafeRawBufferPointer(value))
                    isSound = appendField(field, to: &head) && isSound
                }
            }
        }
        if bodyLength > 0 || method == "POST" || method == "PUT" || method == "PATCH" {
            head.append("Content-Length: ")
            head.append(String(bodyLength))
            head.append("\r\n")
        }
        head.append("\r\n")
        return isSound ? head.array : nil
    }

    /// The fields that a Connection field names (RFC 9110, section 7.6.1).
    static func connectionOptions(_ headers: HTTPHeaders) -> [String] {
        guard let value = headers["connection"] else { return [] }
        if value.utf8.count == 10 || value.utf8.count == 5 {
            let plain = value.lowercased()
            if plain == "keep-alive" || plain == "close" { return [] }
        }
        return headers.values("connection")
            .flatMap { $0.split { $0 == "," || $0 == " " || $0 == "\t" }.map(String.init) }
    }

    /// What concerns one connection only, and what is written anew.
    static func isOwn(_ field: HTTPHeaders.Field) -> Bool {
        switch field.name.count {
        case 2: field.isNamed("te")
        case 6: field.isNamed("expect")
        case 7: field.isNamed("upgrade") || field.isNamed("trailer")
        case 10: field.isNamed("connection") || field.isNamed("keep-alive")
        case 14: field.isNamed("content-length")
        case 16: field.isNamed("proxy-connection")
        case 17: field.isNamed("transfer-encoding")
        case 18: field.isNamed("proxy-authenticate")
        case 19: field.isNamed("proxy-authorization")
        default: false
        }
    }

    /// The fields that are passed on.
    static func passing(
        _ headers: HTTPHeaders, without added: [(name: String, value: String)] = []
    ) -> HTTPHeaders {
        let options = connectionOptions(headers)
        guard
            headers.containsField(where: { field in
                isOwn(field) || isNamed(field, added) || options.contains { field.isNamed($0) }
            })
        else { return headers }
        var kept = HTTPHeaders()
        kept.reserveCapacity(headers.count)
        headers.forEachField { field in
            if isOwn(field) || isNamed(field, added) || options.contains(where: { field.isNamed($0) }) {
                return
            }
            kept.add(field)
        }
        return kept
    }

    private static func isNamed(
        _ field: HTTPHeaders.Field, _ added: [(name: String, value: String)]
    ) -> Bool {
        for other in added where field.isNamed(other.name) { return true }
        return false
    }

    private static func appendField(_ field: HTTPHeaders.Field, to head: inout ByteBuffer) -> Bool {
        guard FieldSyntax.isToken(field.name), FieldSyntax.isValue(field.value) else { return false }
        head.append(field.name)
        head.append(": ")
        head.append(field.value)
        head.append("\r\n")
        return true
    }

    private static func isTarget(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            guard bytes.first == 0x2F || bytes.first == 0x2A else { return false }
            for byte in bytes where byte <= 0x20 || byte == 0x7F { return false }
            return true
        }
    }
}

import Bytes

/// User metadata beyond ASCII travels as encoded words (RFC 2047), in requests and in answers.
enum EncodedWord {
    /// A value as it goes out: by characters where most are ASCII, in base64 otherwise, as S3 chooses.
    static func encode(_ value: String) -> String {
        let units = Array(value.utf16)
        let plain = units.filter { (0x20...0x7E).contains($0) || $0 == 0x09 }.count
        if plain == units.count { return value }
        if plain <= units.count - plain { return "=?UTF-8?B?\(Base64.encode(value.bytes))?=" }
        let specials = [UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "_")]
        let text = value.utf8.map { byte -> String in
            if byte == 0x20 { return "_" }
            if (0x21...0x7E).contains(byte), !specials.contains(byte) { return String(UnicodeScalar(byte)) }
            return "=\(Hex.encode([byte]).uppercased())"
        }
        return "=?UTF-8?Q?\(text.joined())?="
    }

    /// A value as it came in, its encoded words read. Space between two of them is not part of the text.
    static func decode(_ value: String) -> String {
        guard value.utf8.contains(UInt8(ascii: "?")) else { return value }
        var text = ""
        var endsInWord = false
        for (index, token) in value.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
            let word = decodedWord(String(token))
            if index > 0, !endsInWord || word == nil { text += " " }
            text += word ?? String(token)
            endsInWord = word != nil
        }
        return text
    }

    /// `=?charset?B|Q?text?=`. Nil for anything else, and for what would break a header line.
    private static func decodedWord(_ token: String) -> String? {
        let parts = token.split(separator: "?", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[0] == "=", parts[4] == "=" else { return nil }
        let bytes: [UInt8]?
        switch parts[2].uppercased() {
        case "B": bytes = Base64.decode(parts[3])
        case "Q": bytes = unquoted(parts[3])
        default: bytes = nil
        }
        guard let bytes, !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return nil }
        switch parts[1].uppercased() {
        case "UTF-8": return String(validating: bytes, as: UTF8.self)
        case "ISO-8859-1", "US-ASCII":
            return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        default: return nil
        }
    }

    private static func unquoted(_ text: String) -> [UInt8]? {
        let source = Array(text.utf8)
        var bytes: [UInt8] = []
        var position = 0
        while position < source.count {
            switch source[position] {
            case UInt8(ascii: "_"): bytes.append(0x20)
            case UInt8(ascii: "="):
                guard position + 2 < source.count,
                    let byte = Hex.decode(String(utf8: Array(source[position + 1...position + 2])))
                else { return nil }
                bytes.append(contentsOf: byte)
                position += 2
            case let byte: bytes.append(byte)
            }
            position += 1
        }
        return bytes
    }
}
